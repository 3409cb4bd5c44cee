import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../distribution/version.ts";
import { compareWithPins } from "./continuity.ts";

type Releases = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** The state of `demo-VERSION.whl`, signed by `signers`, beside what is pinned. */
function stateOf(pinned: Releases, version: string, ...signers: string[]): string {
  const project = new Map(Object.entries(pinned).map(([text, files]) => [text, new Map(Object.entries(files))]));
  const subject = { version: parseVersion(version), filename: `demo-${version}.whl` };
  return compareWithPins(project, subject, signers).state;
}

const byAlice = { "demo.whl": ["alice"] };
const byBob = { "demo.whl": ["bob"] };
const byNobody = { "demo.whl": [] };

for (const [what, pinned, version, signers, expected] of [
  ["a project without pins", {}, "1.0", ["alice"], "new"],
  ["the same signer as before", { "1.0": byAlice }, "1.1", ["alice"], "full-provenance"],
  ["a further signer", { "1.0": byAlice }, "1.1", ["alice", "bob"], "full-provenance"],
  ["a first signer", { "1.0": byNobody }, "1.1", ["alice"], "full-provenance"],
  ["nobody as before", { "1.0": byNobody }, "1.1", [], "no-provenance"],
  ["nobody any more", { "1.0": byAlice }, "1.1", [], "lost-provenance"],
  ["another signer", { "1.0": byAlice }, "1.1", ["bob"], "changed-provenance"],
  ["one of two signers", { "1.0": { "demo.whl": ["alice", "bob"] } }, "1.1", ["bob"], "changed-provenance"],
  [
    "the nearest release before it",
    { "1.0": byAlice, "1.2": byBob, "1.9": byAlice },
    "1.3",
    ["bob"],
    "full-provenance",
  ],
  ["versions, not texts", { "1.9": byAlice, "1.10": byBob }, "1.11", ["bob"], "full-provenance"],
  ["a back-port by its own series", { "1.0": byNobody, "2.0": byAlice }, "1.1", [], "no-provenance"],
  ["a back-port that lost what its series had", { "1.0": byAlice, "2.0": byNobody }, "1.1", [], "lost-provenance"],
  ["a new series by the one before", { "1.0": byBob, "2.0": byAlice }, "3.0", ["bob"], "changed-provenance"],
  [
    "an older release by the oldest of its series",
    { "1.5": byAlice, "1.7": byBob },
    "1.1",
    ["alice"],
    "full-provenance",
  ],
  [
    "the oldest of its series, after it, and not another series before it",
    { "0.9": byBob, "1.5": byAlice },
    "1.1",
    ["alice"],
    "full-provenance",
  ],
  ["an older series by the oldest there is", { "2.0": byAlice, "3.0": byBob }, "1.0", ["bob"], "changed-provenance"],
  ["another epoch's series as another", { "1.0": byBob, "1!1.0": byAlice }, "1!1.1", ["alice"], "full-provenance"],
  ["another file of the release by the same", { "1.0": byBob, "1.1": byAlice }, "1.1", ["alice"], "full-provenance"],
  ["another file of the release, not attested", { "1.1": byAlice }, "1.1", [], "partial-provenance"],
  ["another file of the release by another", { "1.1": byAlice }, "1.1", ["bob"], "inconsistent-provenance"],
  ["an attested file beside one that is not", { "1.1": byNobody }, "1.1", ["alice"], "full-provenance"],
  ["the same file by another", { "1.1": { "demo-1.1.whl": ["alice"] } }, "1.1", ["bob"], "changed-provenance"],
  ["the same file, not attested any more", { "1.1": { "demo-1.1.whl": ["alice"] } }, "1.1", [], "lost-provenance"],
  [
    "the same file as before",
    { "1.1": { "demo-1.1.whl": ["alice"], "demo.zip": ["bob"] } },
    "1.1",
    ["alice"],
    "full-provenance",
  ],
  [
    "one of the signers of a mixed release",
    { "1.0": { a: ["alice"], b: ["bob"], c: [] } },
    "1.1",
    ["bob"],
    "full-provenance",
  ],
  [
    "none of the signers of a mixed release",
    { "1.0": { a: ["alice"], b: ["bob"] } },
    "1.1",
    ["carol"],
    "changed-provenance",
  ],
  [
    "the common signer of a release",
    { "1.0": { a: ["alice", "ci"], b: ["bob", "ci"] } },
    "1.1",
    ["alice"],
    "changed-provenance",
  ],
] as const satisfies readonly (readonly [string, Releases, string, readonly string[], string])[]) {
  test(`compareWithPins() compares ${what}: ${expected}`, () => {
    assert.equal(stateOf(pinned, version, ...signers), expected);
  });
}

test("compareWithPins() says with which release it compared, and who signed that", () => {
  const project = new Map([["1.0", new Map([["demo-1.0.whl", ["alice"]]])]]);
  const subject = { version: parseVersion("1.1"), filename: "demo-1.1.whl" };
  assert.deepEqual(compareWithPins(project, subject, ["bob"]), {
    state: "changed-provenance",
    reference: { version: "1.0", signers: ["alice"] },
  });
  assert.deepEqual(compareWithPins(undefined, subject, []), { state: "new" });
});
