import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArtifactRef } from "../distribution/artifact.ts";
import { parseFilename } from "../distribution/filename.ts";
import { attestedBefore } from "./attested-before.ts";

function release(version: string, isAttested = false): ArtifactRef {
  return {
    filename: parseFilename(`demo-${version}-py3-none-any.whl`),
    url: new URL(`https://files.example.org/demo-${version}-py3-none-any.whl`),
    digests: {},
    source: { kind: "index", url: new URL("https://index.example.org/simple/") },
    provenance: isAttested ? new URL(`https://index.example.org/integrity/${version}`) : "none",
  };
}

for (const [what, version, others, expected] of [
  ["nothing where no release is attested", "2.0", [release("1.0"), release("1.1")], undefined],
  ["the newest earlier release that is attested", "1.10", [release("1.2", true), release("1.9", true)], "1.9"],
  ["one before the last", "1.3", [release("1.1", true), release("1.2")], "1.1"],
  ["nothing of later releases", "1.3", [release("1.4", true), release("2.0", true)], undefined],
  ["nothing of a newer series for a back-port", "1.3", [release("1.2"), release("2.0", true)], undefined],
  ["nothing of an older series where its own has releases", "2.1", [release("1.9", true), release("2.0")], undefined],
  ["an older series for the first release of one", "2.0", [release("1.9", true)], "1.9"],
  ["nothing of another epoch's series", "1!1.1", [release("1.0", true), release("1!1.0")], undefined],
  ["nothing of the release itself", "1.0", [release("1.0", true)], undefined],
] as const) {
  test(`attestedBefore() names ${what}`, () => {
    const ref = release(version);
    assert.equal(attestedBefore(ref, [...others, ref]), expected);
  });
}
