import assert from "node:assert/strict";
import { chmodSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../testing/tree.ts";
import { privacyProblem } from "./private-folder.ts";

test("a folder that is not there yet is private where nobody else can make it first", () => {
  using folder = temporaryFolder();
  const above = join(folder.path, "above");
  mkdirSync(above, { mode: 0o700 });
  const { uid } = statSync(above);
  const problem = () => privacyProblem(join(above, "cache/artifacts"), uid);
  assert.equal(problem(), undefined);
  chmodSync(above, 0o777);
  assert.match(problem() ?? "", /artifacts" is not used: others may write to ".*\/above"$/);
  // Behind a sticky bit, who is first is the owner, and that shows when it is there.
  chmodSync(above, 0o1777);
  assert.equal(problem(), undefined);
  if (uid !== 0) assert.match(privacyProblem(join(above, "cache"), uid + 1) ?? "", /is not used/);
});
