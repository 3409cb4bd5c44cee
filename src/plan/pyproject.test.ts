import assert from "node:assert/strict";
import { test } from "node:test";
import { projectRequirements, type WantedDependencies } from "./pyproject.ts";

const project = `
[project]
name = "My.App"
dependencies = ["a>=1", "my-app[base]"]
[project.optional-dependencies]
base = ["b"]
Net_Work = ["c; python_version >= '3'", "my_app[base,all]"]
all = ["my-app[net-work]", "d"]
[dependency-groups]
Test = ["pytest", { include-group = "type_check" }]
type-check = ["mypy>1"]
`;

function read(text: string, wanted: Partial<WantedDependencies> = {}): string[] {
  const all = projectRequirements(text, "pyproject.toml", { project: true, extras: [], groups: [], ...wanted });
  return all.map(({ requirement }) => requirement.text);
}

test("projectRequirements() reads dependencies, with the project's own extras in them", () => {
  assert.deepEqual(read(project), ["a>=1", "b"]);
  assert.deepEqual(read(project, { extras: ["net.work"] }), ["a>=1", "b", "c; python_version >= '3'", "d"]);
  assert.deepEqual(read(project, { extras: "all" }).sort(), ["a>=1", "b", "c; python_version >= '3'", "d"]);
});

test("projectRequirements() reads dependency groups, groups in groups, by any spelling of their names", () => {
  assert.deepEqual(read(project, { project: false, groups: ["TEST"] }), ["pytest", "mypy>1"]);
  const [first] = projectRequirements(project, "pyproject.toml", { project: false, extras: [], groups: ["test"] });
  assert.equal(first?.place, "pyproject.toml, dependency-groups.test");
});

test("projectRequirements() takes a group once that is included often, in no time", () => {
  const twice = (next: string) => `[{include-group = "${next}"}, {include-group = "${next}"}]`;
  const groups = Array.from({ length: 60 }, (_, at) => `g${at} = ${twice(`g${at + 1}`)}`);
  const text = `[dependency-groups]\n${groups.join("\n")}\ng60 = ["a"]\n`;
  assert.deepEqual(read(text, { project: false, groups: ["g0", "g60"] }), ["a"]);
});

for (const [what, text, wanted, message] of [
  ["an extra that is not there", project, { extras: ["nope"] }, /no extra "nope"/],
  ["a group that is not there", project, { groups: ["nope"] }, /no dependency group "nope"/],
  [
    "groups in a circle",
    '[dependency-groups]\na = [{include-group = "b"}]\nb = [{include-group = "A"}]',
    { groups: ["a"] },
    /in a circle: a → b → a/,
  ],
  [
    "groups that are nested without end",
    `[dependency-groups]\n${Array.from({ length: 5000 }, (_, at) => `g${at} = [{include-group = "g${at + 1}"}]`).join("\n")}\ng5000 = []`,
    { groups: ["g0"] },
    /over more than 64 groups/,
  ],
  [
    "a group of another shape",
    '[dependency-groups]\na = [{path = "."}]',
    { groups: ["a"] },
    /neither a requirement nor/,
  ],
  ["one group in two spellings", "[dependency-groups]\na-b = []\nA_b = []", {}, /twice, in two spellings/],
  [
    "dynamic dependencies",
    '[project]\nname = "x"\ndynamic = ["dependencies"]',
    {},
    /only building the project would tell/,
  ],
  [
    "no requirement",
    '[project]\ndependencies = ["a b"]',
    {},
    /pyproject\.toml, project\.dependencies: "a b" is not a requirement/,
  ],
  ["no list", '[project]\ndependencies = "a"', {}, /is not a list/],
  ["no TOML", "[project", {}, /^pyproject\.toml:1:/],
] as const) {
  test(`projectRequirements() refuses ${what}`, () => {
    assert.throws(() => read(text, wanted), { name: "UsageError", message });
  });
}
