import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { JsonStore } from "../../memory/json-store.ts";
import { testProcesses } from "../../testing/processes.ts";
import { temporaryFolder } from "../../testing/tree.ts";
import type { Host } from "../host.ts";
import { rememberedInterpreter } from "./remembered-interpreter.ts";

/** Keeps what it is given, and counts. */
function countingStore(): JsonStore & { readonly kept: Map<string, unknown> } {
  const kept = new Map<string, unknown>();
  return {
    kept,
    get: (key) => kept.get(JSON.stringify(key)),
    set: async (key, value) => void kept.set(JSON.stringify(key), value),
  };
}

function hostWith(path: string): Host {
  const output = { isTTY: false, write: () => {} };
  return {
    env: { PATH: path },
    cwd: "/",
    homedir: "/",
    platform: process.platform,
    stdout: output,
    stderr: output,
    signal: new AbortController().signal,
    now: () => new Date(),
    processors: 1,
    ...testProcesses,
    pid: 1,
    isAlive: () => false,
  };
}

test("a program is asked once, a script that stands for one each time", async (context) => {
  let python: string;
  try {
    python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
  } catch {
    return context.skip("there is no python3 on PATH");
  }
  using folder = temporaryFolder();
  const host = hostWith(folder.path);
  const store = countingStore();
  const asked = await rememberedInterpreter({ python }, store, host);
  assert.equal(store.kept.size, 1);
  for (const key of store.kept.keys()) store.kept.set(key, { ...asked, executable: "remembered" });
  assert.equal((await rememberedInterpreter({ python }, store, host)).executable, "remembered");

  const shim = join(folder.path, "python3");
  writeFileSync(shim, `#!/bin/sh\nexec '${realpathSync(python)}' "$@"\n`);
  chmodSync(shim, 0o755);
  assert.notEqual((await rememberedInterpreter({}, store, host)).executable, "remembered");
  assert.equal(store.kept.size, 1);
});
