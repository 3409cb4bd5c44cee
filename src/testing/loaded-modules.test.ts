import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { provenanceBy, setScene } from "./command-scene.ts";
import { assertGolden } from "./golden.ts";
import { makeWheel } from "./make-wheel.ts";
import { python } from "./scene.ts";
import { temporaryFolder } from "./tree.ts";
import { typeCommand } from "./type-command.ts";

/**
 * What each command loads, so that none begins to load more unnoticed: start-up is paid each time. The list is
 * testdata/start/loaded.json; UPDATE_GOLDEN=1 writes it anew, and the diff is the review.
 */

/** What is looked at, by command. */
interface Loaded {
  /** Files of the built program, threads included. */
  readonly parts: readonly string[];
  /** Modules of Node.js, by the built program. */
  readonly node: readonly string[];
  /** Packages, when the sources run. */
  readonly packages: readonly string[];
  /** Folders of the sources of which something is loaded. */
  readonly folders: readonly string[];
}

const root = new URL("../../", import.meta.url);
const wheel = new URL("testdata/real/circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl", root).pathname;

/** In one folder, one after the other. */
const commands = [
  ["--version"],
  ["--help"],
  ["verify", "--offline", wheel],
  ["install", "--offline", "--venv", "env", wheel],
  ["audit", "--venv", "env"],
  ["ext", "sbom", "--venv", "env"],
  ["uninstall", "--venv", "env", "circleci-sign-publish-example"],
] as const;

const needs = [
  [existsSync(new URL("dist/main.cjs", root)), "tspip is not built: npm run build"],
  [python !== undefined, "there is no python3 on PATH"],
] as const;
const missing = needs.find(([isThere]) => !isThere);

test("no command loads more than testdata/start/loaded.json says", missing ? { skip: missing[1] } : {}, () => {
  const [built, sources] = [loadedBy("src/launcher.cjs"), loadedBy("src/main.ts")];
  const loaded = Object.fromEntries(
    commands.map((command, at): [string, Loaded] => {
      const [fromBuilt, fromSources] = [built[at] ?? [], sources[at] ?? []];
      return [
        nameOf(command),
        {
          parts: matches(fromBuilt, /\/(dist\/.+)$/),
          node: matches(fromBuilt, /^(?:node:)?([a-z_0-9/]+)$/),
          packages: matches(fromSources, /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//),
          folders: matches(fromSources, /\/src\/([^/]+)\//),
        },
      ];
    }),
  );
  assertGolden(`${JSON.stringify(loaded, null, 2)}\n`, new URL("testdata/start/loaded.json", root));
});

test(
  "a lock gate that remembers everything loads nothing that looks into files or asks an index",
  missing ? { skip: missing[1] } : {},
  async () => {
    await using scene = await setScene();
    const wheel = makeWheel();
    scene.index.add({ ...wheel, provenance: provenanceBy("acme/alice", wheel) });
    const file = `{ url = "${scene.index.origin}/files/${wheel.filename}", hash = "sha256:${wheel.sha256}" }`;
    const source = `source = { registry = "${scene.index.url}" }`;
    const own = '[[package]]\nname = "own"\nsource = { virtual = "." }\ndependencies = [{ name = "example" }]\n';
    const locked = `[[package]]\nname = "example"\nversion = "1.0"\n${source}\nwheels = [${file}]\n`;
    scene.write("uv.lock", `version = 1\n${locked}${own}`);
    const gate = ["--lock", "uv.lock", "--python", python ?? "", "-i", scene.index.url, "--trusted-root", "root.json"];
    assert.equal((await typeCommand(scene.folder, ["verify", ...gate])).exitCode, 0);

    const log = join(scene.folder, "loaded");
    run("src/launcher.cjs", ["verify", ...gate], scene.folder, log);
    const loaded = readFileSync(log, "utf8").trim().split("\n");
    assert.deepEqual(matches(loaded, /\/(dist\/.+)$/), ["dist/gate.cjs", "dist/main.cjs", "dist/nouns.cjs"]);
    const slow = /^(?:node:)?(?:zlib|fs\/promises|worker_threads|child_process|v8|https?2?|tls|net|dns|readline)$/;
    assert.deepEqual(
      loaded.filter((url) => slow.test(url)),
      [],
    );
  },
);

function nameOf(command: readonly string[]): string {
  return command.slice(0, command[0] === "ext" ? 2 : 1).join(" ");
}

/** The URLs that each command loads. */
function loadedBy(program: string): string[][] {
  using folder = temporaryFolder();
  const log = join(folder.path, "loaded");
  return commands.map((command) => {
    rmSync(log, { force: true });
    run(program, command, folder.path, log);
    return readFileSync(log, "utf8").trim().split("\n");
  });
}

/** Runs a command that writes what it loads into `log`. */
function run(program: string, command: readonly string[], cwd: string, log: string): void {
  const preload = new URL("log-loaded.cjs", import.meta.url).pathname;
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--require", preload, new URL(program, root).pathname, ...command],
    {
      cwd,
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: cwd, TSPIP_LOADED: log, NODE_DISABLE_COMPILE_CACHE: "1" },
    },
  );
  assert.equal(status, 0, `${command.join(" ")}: ${stderr}`);
}

function matches(urls: readonly string[], pattern: RegExp): string[] {
  return [...new Set(urls.flatMap((url) => pattern.exec(url)?.[1] ?? []))].sort();
}
