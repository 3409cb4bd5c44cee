import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArtifactRef } from "../distribution/artifact.ts";
import { parseFilename } from "../distribution/filename.ts";
import { decide } from "../policy/decide.ts";
import { parsePolicy } from "../policy/parse.ts";
import { now, signers } from "../testing/policy-judging.ts";
import { subjectOf } from "./gate-request.ts";
import { unseenRefusals } from "./unseen-refusals.ts";

const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);

/** Files as a page lists them: what differs between two is what a policy may be about. */
const refs: readonly ArtifactRef[] = ["demo", "other"].flatMap((project) =>
  ["1.0", "2.0", "3.0"].flatMap((version, at) =>
    [`${project}-${version}-py3-none-any.whl`, `${project}-${version}.tar.gz`].flatMap((text) => {
      const ref: ArtifactRef = {
        filename: parseFilename(text),
        url: new URL(`https://files.example/${text}`),
        digests: {},
        source: { kind: "index", url: new URL("https://index.example/simple/") },
        provenance: "unknown",
      };
      return [
        ref,
        { ...ref, uploadTime: daysAgo(at) },
        { ...ref, uploadTime: daysAgo(100) },
        { ...ref, yanked: "" },
        { ...ref, projectStatus: { status: "archived" } },
        { ...ref, attestedBefore: "0.9" },
      ];
    }),
  ),
);

const policies: Readonly<Record<string, string>> = {
  "nothing of its own": "",
  "source distributions": '[default]\nsdist = "allow"',
  "a version": '[[rule]]\nmatch = { version = "==2.*" }\nsources = ["local"]',
  "a version of one project, by exception":
    '[default]\nsources = ["local"]\n[[exception]]\nid = "x"\nmatch = { name = "demo", version = "<3" }\nwaive = ["sources"]\nreason = "r"\nowner = "o"\nexpires = 2026-12-31',
  "a release on the deny list": '[[floor.deny]]\nname = "demo"\nversion = ">=2"',
  age: '[default]\nmin-age = "P2D"',
  "age of one project": '[[rule]]\nmatch = { name = "other" }\nmin-age = "P1W"\nmissing-time = "deny"',
  yanks: '[floor.status]\nyanked = "deny"\narchived = "deny"',
  "earlier releases": `${signers}[default]\nattestation = "require"\npublish = { signer = "alice" }`,
};

for (const [about, text] of Object.entries(policies)) {
  test(`what is refused unseen is what would be judged so one by one: a policy about ${about}`, () => {
    const policy = parsePolicy(`version = 1\n${text}`, "policy.toml");
    const alone = (ref: ArtifactRef) => {
      const verdict = decide(policy, subjectOf({ ref, relation: "direct" }), [], now);
      return verdict.decision === "deny" ? verdict : undefined;
    };
    for (const listed of [refs, refs.toReversed(), refs.toSorted((a, b) => (a.url.href < b.url.href ? -1 : 1))]) {
      const refusal = unseenRefusals(policy, now);
      for (const ref of listed) assert.deepEqual(refusal({ ref, relation: "direct" }), alone(ref), ref.url.href);
    }
  });
}
