import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../testing/tree.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";

const program = fileURLToPath(new URL("../main.ts", import.meta.url));
const userId = process.getuid?.();
const alive = 77;

const host = { pid: 5, isAlive: (pid: number) => pid === alive, userId, now: () => new Date() };

test("makeTemporaryFolder() removes what killed commands left a day ago, and nothing else", () => {
  using around = temporaryFolder();
  const old = [
    "tspip-66-abcdef",
    `tspip-${alive}-abcdef`,
    "tspip-abcdef",
    "tspip-bench-abcdef",
    "tspip-66-abcdefg",
    "mine",
  ];
  for (const name of [...old, "tspip-67-abcdef"]) mkdirSync(join(around.path, name, "inside"), { recursive: true });
  for (const name of old) utimesSync(join(around.path, name), 0, 0);
  const made = makeTemporaryFolder({ ...host, userId: (userId ?? 0) + 1 }, around.path);
  assert.equal(readdirSync(around.path).length, old.length + 2, "they are another user's");
  const again = makeTemporaryFolder(host, around.path);
  const left = [...old.slice(1), "tspip-67-abcdef"].map((name) => join(around.path, name));
  assert.deepEqual(
    readdirSync(around.path)
      .map((name) => join(around.path, name))
      .sort(),
    [...left, made, again].sort(),
  );
});

const seesAll = userId === 0 && "root lists every folder";

test("makeTemporaryFolder() makes one where nobody may see what else there is", { skip: seesAll }, () => {
  using around = temporaryFolder();
  chmodSync(around.path, 0o300);
  const made = makeTemporaryFolder(host, around.path);
  chmodSync(around.path, 0o700);
  assert.deepEqual(
    [made],
    readdirSync(around.path).map((name) => join(around.path, name)),
  );
});

for (const signal of ["SIGHUP", "SIGTERM", "SIGINT"] as const) {
  test(`a command that ends by ${signal} leaves no temporary folder`, async () => {
    using around = temporaryFolder();
    const env = { ...process.env, TMPDIR: around.path, HOME: around.path };
    const ownFolders = () => readdirSync(around.path).filter((name) => /^tspip-\d/.test(name));
    const child = spawn(process.execPath, [program, "run", "--", "sh", "-c", "echo ready; exec sleep 60"], { env });
    const ended = new Promise((resolve) => child.once("close", resolve));
    await new Promise((resolve) => child.stdout.once("data", resolve));
    assert.equal(ownFolders().length, 1);
    child.kill(signal);
    assert.equal(await ended, 130);
    assert.deepEqual(ownFolders(), []);
  });
}
