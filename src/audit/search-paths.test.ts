import assert from "node:assert/strict";
import { test } from "node:test";
import { searchPathsOf } from "./search-paths.ts";

test("searchPathsOf() takes folders of path files, relative to theirs, and no code and no comments", () => {
  const texts = new Map([
    ["/env/site/a.pth", "# a comment\n\nimport os\nlib\n../up  \n/nowhere/at/all\n"],
    ["/env/site/example.py", "lib\n"],
  ]);
  const folders = searchPathsOf(texts).map(({ folder }) => folder);
  assert.deepEqual(folders, ["/env/site/lib", "/env/up", "/nowhere/at/all"]);
});

test("searchPathsOf() passes over a line that is longer than any path, and is soon done with it", () => {
  const deep = `${"a/".repeat(1 << 19)}b`;
  const around = `${"a/../".repeat(1 << 19)}b`;
  const found = searchPathsOf(new Map([["/env/site/a.pth", `${deep}\n${around}\n`]]));
  // Python resolves the dots before it looks.
  assert.deepEqual(found, [{ file: "/env/site/a.pth", folder: "/env/site/b", isOpen: false }]);
});
