import assert from "node:assert/strict";
import { test } from "node:test";
import { linuxMarkers } from "../testing/make-installed.ts";
import { heldRequirements } from "./held-requirements.ts";
import { parseRequirement } from "./requirement.ts";

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

function namesOf(requirements: readonly string[]) {
  const held = heldRequirements("demo", requirements.map(parseRequirement), linuxMarkers);
  return (extra: string) => held(extra).map(({ name }) => name);
}

test("heldRequirements() finds what holds without extras, and what an extra adds", () => {
  assert.deepEqual(namesOf(texts)(""), ["plain", "d", "part"]);
  assert.deepEqual(namesOf(texts)("one"), ["a", "b", "c", "part"]);
  assert.deepEqual(namesOf(texts)("two"), ["part"]);
  assert.deepEqual(namesOf(texts)("posix"), ["other"]);
});

test("heldRequirements() returns each requirement once", () => {
  const names = namesOf(texts);
  assert.deepEqual(
    [names("one"), names("two"), names(""), names("one")],
    [["a", "b", "c", "part"], [], ["plain", "d"], []],
  );
});

test("heldRequirements() gives up markers that name ten thousands of extras and hold for none, as long as they are asked for", () => {
  const extras = Array.from({ length: 20_000 }, (_, at) => `e${at}`);
  const all = extras.map((extra) => `extra == "${extra}"`).join(" or ");
  const asked = (text: string) => {
    const names = namesOf([text]);
    return extras.flatMap(names);
  };
  assert.deepEqual(asked(`a; ${all}`), ["a"]);
  for (const text of [
    `a; (${all}) and os_name == "nt"`,
    `a; (${all}) and extra == "none"`,
    `a; extra in "${all.replaceAll('"', "'")}" and os_name == "nt"`,
  ])
    assert.throws(() => asked(text), { code: "wheel-metadata-invalid" });
});
