import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./tree.ts";

const runner = fileURLToPath(new URL("run-tests.ts", import.meta.url));

test("a test that fails among the files of a process is named with its file and line; the others are run", () => {
  const answer = runTests({
    "good.test.mjs": 'import { test } from "node:test";\ntest("holds", () => {});\n',
    "bad.test.mjs":
      'import { test } from "node:test";\n\ntest("breaks", () => {\n  throw new Error("as it should");\n});\n',
  });
  assert.equal(answer.status, 1);
  assert.match(answer.stdout, /✔ holds/);
  assert.match(answer.stdout, /test at .*bad\.test\.mjs:3:1\n✖ breaks .*\n +Error: as it should/);
  assert.match(answer.stdout, /ℹ pass 1\nℹ fail 1\n/);
});

test("a test file that cannot be loaded is a failure", () => {
  const { status, stdout } = runTests({ "lost.test.mjs": 'import "./nowhere.mjs";\n' });
  assert.equal(status, 1);
  assert.match(stdout, /Cannot find module .*nowhere\.mjs' imported from .*lost\.test\.mjs/);
});

test("no test file has hooks that tests of other files would get, nor moves the process elsewhere", () => {
  for (const file of globSync("src/**/!(*.slow).test.ts"))
    assert.doesNotMatch(
      readFileSync(file, "utf8"),
      /^(?:before|beforeEach|afterEach|mock\.\w+|process\.\w+)\(|\bprocess\.(?:chdir|umask|exit)\(/m,
      file,
    );
});

function runTests(files: Readonly<Record<string, string>>): {
  readonly status: number | null;
  readonly stdout: string;
} {
  using folder = temporaryFolder();
  const paths = Object.entries(files).map(([name, text]) => {
    const path = join(folder.path, name);
    writeFileSync(path, text);
    return path;
  });
  // The variable tells processes of a test run that they are such.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return spawnSync(process.execPath, [runner, ...paths], { encoding: "utf8", env });
}
