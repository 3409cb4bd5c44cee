import assert from "node:assert/strict";
import { test } from "node:test";
import { byExtra } from "./by-extra.ts";
import { parseRequirement } from "./requirement.ts";

test("byExtra() finds what an extra may add, and leaves out what it cannot change", () => {
  const texts = [
    "plain",
    'windows; sys_platform == "win32"',
    'a; extra == "One"',
    'b; "one" == extra and python_version > "3"',
    'c; extra == "one" or (extra == "two" and os_name == "nt")',
    'd; extra != "two"',
    'part; extra in "one two"',
    "other; extra == os_name",
  ];
  const find = byExtra(texts.map(parseRequirement));
  const names = (extra: string) => find(extra).map(({ name }) => name);
  assert.deepEqual(names("one"), ["a", "b", "c", "part", "other"]);
  assert.deepEqual(names("two"), ["c", "d", "part", "other"]);
  assert.deepEqual(names("three"), ["part", "other"]);
});
