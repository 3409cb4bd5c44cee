import assert from "node:assert/strict";
import { test } from "node:test";
import { writeTree } from "../testing/install-scene.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { findVenv } from "./unstarted.ts";

const machine = { platform: "linux", arch: "x64" };

async function venvWith(configuration: string) {
  using folder = temporaryFolder();
  writeTree(folder.path, { "pyvenv.cfg": configuration, "lib/python3.12/site-packages/example.py": "" });
  const { venv, markers } = await findVenv(folder.path, "env", machine);
  return { home: venv?.home, seesSystemSites: venv?.seesSystemSites, python: markers.python_full_version };
}

test("findVenv() reads pyvenv.cfg as Python does", async () => {
  assert.deepEqual(
    await venvWith("Home=/usr/bin\r\nInclude-System-Site-Packages =  FALSE\r\nversion_info = 3.13.1.final.0"),
    {
      home: "/usr/bin",
      seesSystemSites: false,
      python: "3.13.1",
    },
  );
  assert.deepEqual(await venvWith("home ="), { home: undefined, seesSystemSites: true, python: "3.12" });
  const twice = "home = /a\nhome = /b\ninclude-system-site-packages = false\ninclude-system-site-packages = true\n";
  assert.deepEqual(await venvWith(twice), { home: "/a", seesSystemSites: true, python: "3.12" });
});

test("findVenv() takes no time for a line that is nothing but blanks, and finds no environment by a folder", async () => {
  assert.equal((await venvWith(`home = a${" ".repeat(1_000_000)}b\n`)).home?.length, 1_000_002);
  using folder = temporaryFolder();
  writeTree(folder.path, { "pyvenv.cfg/file": "" });
  await assert.rejects(findVenv(folder.path, "env", machine), { code: "not-a-venv" });
});
