import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertGolden } from "./golden.ts";
import { python } from "./scene.ts";
import { temporaryFolder } from "./tree.ts";

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

function nameOf(command: readonly string[]): string {
  return command.slice(0, command[0] === "ext" ? 2 : 1).join(" ");
}

/** The URLs that each command loads. */
function loadedBy(program: string): string[][] {
  using folder = temporaryFolder();
  const log = join(folder.path, "loaded");
  const preload = new URL("log-loaded.cjs", import.meta.url).pathname;
  return commands.map((command) => {
    rmSync(log, { force: true });
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--require", preload, new URL(program, root).pathname, ...command],
      {
        cwd: folder.path,
        encoding: "utf8",
        env: { PATH: process.env.PATH, HOME: folder.path, TSPIP_LOADED: log, NODE_DISABLE_COMPILE_CACHE: "1" },
      },
    );
    assert.equal(status, 0, `${command.join(" ")}: ${stderr}`);
    return readFileSync(log, "utf8").trim().split("\n");
  });
}

function matches(urls: readonly string[], pattern: RegExp): string[] {
  return [...new Set(urls.flatMap((url) => pattern.exec(url)?.[1] ?? []))].sort();
}
