import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonValue } from "../encoding/json.ts";
import { readBuildProvenance } from "./slsa-provenance.ts";

function withParameters(externalParameters: JsonValue) {
  return readBuildProvenance({ buildDefinition: { externalParameters } }).parameters;
}

test("readBuildProvenance() reads the builder, the build type and the external parameters by their paths", () => {
  const provenance = readBuildProvenance({
    buildDefinition: {
      buildType: "https://actions.github.io/buildtypes/workflow/v1",
      externalParameters: {
        workflow: { ref: "refs/tags/v1", repository: "https://github.com/acme/tool" },
        level: 2,
        dry: false,
      },
      internalParameters: { github: { event_name: "push" } },
    },
    runDetails: { builder: { id: "https://github.com/acme/tool/.github/workflows/release.yml@refs/tags/v1" } },
  });
  assert.deepEqual(provenance, {
    builderId: "https://github.com/acme/tool/.github/workflows/release.yml@refs/tags/v1",
    buildType: "https://actions.github.io/buildtypes/workflow/v1",
    parameters: {
      "workflow.ref": "refs/tags/v1",
      "workflow.repository": "https://github.com/acme/tool",
      level: 2,
      dry: false,
    },
  });
});

test("readBuildProvenance() finds nothing in what is missing or of another type", () => {
  for (const predicate of [
    {},
    { buildDefinition: 1, runDetails: [] },
    { buildDefinition: { buildType: 7, externalParameters: "x" }, runDetails: { builder: "me" } },
  ]) {
    const { builderId, buildType } = readBuildProvenance(predicate);
    assert.deepEqual([builderId, buildType], [undefined, undefined]);
  }
  assert.deepEqual(withParameters(null), {});
});

test("readBuildProvenance() takes neither of two values for one path, nor lists, nor what is endless", () => {
  assert.deepEqual(withParameters({ a: { b: 1 }, "a.b": 2, c: 3 }), { c: 3 });
  assert.deepEqual(withParameters({ list: ["x"], none: null }), {});
  const deep = Array.from({ length: 100 }).reduce<JsonValue>((inner) => ({ x: inner }), "end");
  assert.deepEqual(withParameters(deep), {});
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`p${at}`, at]));
  assert.equal(Object.keys(withParameters(many)).length, 1000);
  const pollution = JSON.parse('{"__proto__": {"polluted": true}}') as JsonValue;
  assert.deepEqual(Object.entries(withParameters(pollution)), [["__proto__.polluted", true]]);
});

test("readBuildProvenance() reads no path that is longer than any policy has it, however many repeat its beginning", () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`p${at}`, at]));
  const [longest, tooLong] = ["x".repeat(1022), "x".repeat(200_000)];
  assert.deepEqual(withParameters({ [tooLong]: many, [longest]: { a: 1, ab: 2 }, c: 3 }), {
    [`${longest}.a`]: 1,
    c: 3,
  });
});

test("readBuildProvenance() takes neither of two values for one path, however many there are between them", () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`p${at}`, at]));
  assert.deepEqual(withParameters({ "a.b": 1, ...many, a: { b: 2 } }), many);
});

test("readBuildProvenance() tells a name that is empty from none", () => {
  assert.deepEqual(withParameters({ "": { a: 1 } }), { ".a": 1 });
});
