import assert from "node:assert/strict";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../testing/tree.ts";
import { makeFolder } from "./make-folder.ts";

test("makeFolder() makes what is not there, for the user alone, and leaves what is", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "a/b/c");
  makeFolder(path);
  makeFolder(path);
  assert.deepEqual(
    ["a", "a/b", "a/b/c"].map((name) => statSync(join(folder.path, name)).mode & 0o777),
    [0o700, 0o700, 0o700],
  );
});

test("makeFolder() ends where no folder can be made", () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "file"), "");
  assert.throws(() => makeFolder(join(folder.path, "file")), { code: "EEXIST" });
  assert.throws(() => makeFolder(join(folder.path, "file/below")), { code: "ENOTDIR" });
  if (existsSync("/proc")) assert.throws(() => makeFolder("/proc/no-such-process/cache"), { code: "ENOENT" });
});
