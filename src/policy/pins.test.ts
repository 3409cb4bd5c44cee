import assert from "node:assert/strict";
import { test } from "node:test";
import { normalizeProjectName } from "../distribution/project-name.ts";
import { PolicyFileError } from "../errors.ts";
import fc from "../testing/fast-check.ts";
import { formatPins, type Pin, parsePins, withPins } from "./pins.ts";

const demo = normalizeProjectName("demo");
const pin = (version: string, filename: string, ...signers: string[]): Pin => ({
  project: demo,
  version,
  filename,
  signers,
});

const text = `{
  "schema": "tspip-pins/1",
  "projects": {
    "alpha": {
      "1.0": {
        "alpha-1.0.tar.gz": []
      }
    },
    "demo": {
      "1.0": {
        "demo-1.0-py3-none-any.whl": [
          "github acme/alice release.yml",
          "gitlab acme/bob .gitlab-ci.yml"
        ]
      },
      "1.1": {
        "demo-1.1-py3-none-any.whl": [
          "github acme/alice release.yml"
        ]
      }
    }
  }
}
`;

test("formatPins() writes what parsePins() reads, one signer a line", () => {
  assert.equal(formatPins(parsePins(text, "pins")), text);
});

test("formatPins() sorts: the same pins give the same text in whatever order they come", () => {
  const pins = [
    pin("1.1", "demo-1.1-py3-none-any.whl", "github acme/alice release.yml"),
    pin("1.0", "demo-1.0-py3-none-any.whl", "gitlab acme/bob .gitlab-ci.yml", "github acme/alice release.yml"),
    { ...pin("1.0", "alpha-1.0.tar.gz"), project: normalizeProjectName("alpha") },
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(pins, { minLength: pins.length }), (shuffled) => {
      assert.equal(formatPins(withPins(new Map(), shuffled)), text);
    }),
  );
});

test("withPins() replaces what was pinned of a file, keeps the rest, and leaves its argument alone", () => {
  const before = withPins(new Map(), [pin("1.0", "a.whl", "alice"), pin("1.0", "b.whl", "alice")]);
  const after = withPins(before, [pin("1.0", "a.whl", "bob"), pin("2.0", "c.whl")]);
  assert.deepEqual(
    after.get(demo)?.get("1.0"),
    new Map([
      ["a.whl", ["bob"]],
      ["b.whl", ["alice"]],
    ]),
  );
  assert.deepEqual(after.get(demo)?.get("2.0"), new Map([["c.whl", []]]));
  assert.deepEqual(before.get(demo)?.get("1.0")?.get("a.whl"), ["alice"]);
});

const projects = (inner: string) => `{"schema": "tspip-pins/1", "projects": ${inner}}`;
for (const [what, broken, message] of [
  ["what is no JSON", "{", /this is not JSON/],
  ["two members of one name", '{"schema": "tspip-pins/1", "schema": "tspip-pins/1", "projects": {}}', /twice/],
  ["a list", "[]", /is not an object/],
  ["another schema", '{"schema": "tspip-pins/2", "projects": {}}', /"schema" is not "tspip-pins\/1"/],
  ["no schema", '{"projects": {}}', /pins\.schema/],
  ["no projects", '{"schema": "tspip-pins/1"}', /pins\.projects is absent/],
  [
    "a member that is not known",
    '{"schema": "tspip-pins/1", "projects": {}, "x": 1}',
    /a member "x", which is not known/,
  ],
  ["a project's name in another form", projects('{"Demo": {}}'), /"Demo", which is no name in normal form/],
  ["a project that is no object", projects('{"demo": []}'), /pins\.projects\.demo is not an object/],
  ["a project that is null", projects('{"demo": null}'), /pins\.projects\.demo is absent/],
  ["a version in another form", projects('{"demo": {"1.0-beta": {}}}'), /"1\.0-beta" is none/],
  ["what is no version", projects('{"demo": {"latest": {}}}'), /"latest" is none/],
  ["signers that are no list", projects('{"demo": {"1.0": {"a.whl": "alice"}}}'), /is not an array/],
  ["signers that are null", projects('{"demo": {"1.0": {"a.whl": null}}}'), /a\.whl is absent/],
  ["a signer that is no text", projects('{"demo": {"1.0": {"a.whl": [1]}}}'), /a\.whl\[0\]/],
  ["a signer twice", projects('{"demo": {"1.0": {"a.whl": ["a", "a"]}}}'), /names a signer twice/],
  ["too many signers", projects(`{"demo": {"1.0": {"a.whl": [${'"a",'.repeat(100)}"b"]}}}`), /the limit is 100/],
] as const) {
  test(`parsePins() refuses ${what}`, () => {
    assert.throws(
      () => parsePins(broken, "tspip.pins.json"),
      (error) => {
        assert.ok(error instanceof PolicyFileError);
        assert.match(error.message, /^Cannot use pins "tspip\.pins\.json": /);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test("parsePins() has no member with a meaning of its own", () => {
  assert.deepEqual(
    [...parsePins(projects('{"constructor": {"1.0": {"__proto__": ["a"]}}}'), "pins").keys()],
    ["constructor"],
  );
});
