import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../testing/tree.ts";
import { walk } from "./walk.ts";

test("walk() tells what may not be looked at: names too long for the system are no end of it", () => {
  using folder = temporaryFolder();
  const site = join(folder.path, "site");
  mkdirSync(site);
  const name = "n".repeat(200);
  // Deeper than a path can be: each folder is made from within the one above.
  const dig = `for i in $(seq 25); do mkdir ${name} && cd -P ${name} || exit 1; done; : > evil.py`;
  execFileSync("sh", ["-c", dig], { cwd: site });
  try {
    const kinds = walk([site]).found.values();
    assert.deepEqual(
      [...kinds].map(({ kind }) => kind),
      ["hidden"],
    );
  } finally {
    execFileSync("rm", ["-rf", site]);
  }
});
