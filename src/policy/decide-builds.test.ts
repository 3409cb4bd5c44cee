import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, bob, brief, excepted, judge, signers, stranger, wheel } from "../testing/policy-judging.ts";

/** What a rule asks of the build that a SLSA provenance describes. */

const build = {
  builderId: "https://github.com/acme/alice/.github/workflows/release.yml@refs/tags/v1",
  buildType: "https://actions.github.io/buildtypes/workflow/v1",
  parameters: { "workflow.ref": "refs/tags/v1", level: 2, dry: false },
};

for (const [demand, mismatch] of [
  ["", undefined],
  ['builder = ["https://github.com/acme/alice/.github/workflows/release.yml@refs/tags/*"]', undefined],
  ['builder = ["https://other.example/", "https://github.com/acme/*"]', undefined],
  [
    'builder = ["https://github.com/acme/bob/*"]',
    `builder: the provenance has "${build.builderId}", wanted is "https://github.com/acme/bob/*"`,
  ],
  [`build-type = ["${build.buildType}"]`, undefined],
  [
    'build-type = ["https://a.example/", "https://b.example/"]',
    `build-type: the provenance has "${build.buildType}", wanted is "https://a.example/" or "https://b.example/"`,
  ],
  ['parameters = { workflow.ref = "refs/tags/*", level = 2, dry = false }', undefined],
  [
    'parameters = { workflow.ref = "refs/heads/*" }',
    'workflow.ref: the provenance has "refs/tags/v1", wanted is "refs/heads/*"',
  ],
  ["parameters = { level = 3 }", "level: the provenance has 2, wanted is 3"],
  ['parameters = { level = "2" }', 'level: the provenance has 2, wanted is "2"'],
  ["parameters = { dry = true }", "dry: the provenance has false, wanted is true"],
  ['parameters = { other = "*" }', 'other: the provenance names none, wanted is "*"'],
  ['parameters = { toString = "*" }', 'toString: the provenance names none, wanted is "*"'],
] as const) {
  test(`decide() with slsa ${demand || "by a signer alone"}: ${mismatch ?? "met"}`, () => {
    const slsa = `slsa = { signer = "alice"${demand === "" ? "" : `, ${demand}`} }`;
    const rule = `${signers}[default]\nattestation = "require"\n${slsa}`;
    const verdict = judge(rule, { attestations: [{ slsa: alice, build }] });
    if (mismatch === undefined) return assert.equal(brief(verdict), "allow");
    assert.equal(brief(verdict), "deny build-mismatch");
    assert.equal(
      verdict.findings[0]?.message,
      `Cannot admit "${wheel.filename}": policy rule "default" asks for another build (${mismatch})`,
    );
    // Who else says so does not matter, and a further provenance of the right kind is enough.
    assert.equal(brief(judge(rule, { attestations: [{ slsa: stranger, build }] })), "deny signer-mismatch");
    assert.equal(
      brief(excepted("slsa", `attestation = "require"\n${slsa}`, { attestations: [{ slsa: alice, build }] })),
      "allow build-mismatch",
    );
  });
}

test("decide() asks of the build what every signer of a group says, and of one that says nothing too much", () => {
  const rule = `${signers}[default]\nattestation = "require"\nslsa = { group = "both", parameters = { level = 2 } }`;
  const judged = (...levels: (number | undefined)[]) =>
    judge(rule, {
      attestations: levels.map((level, at) => ({
        slsa: at === 0 ? alice : bob,
        ...(level !== undefined && { build: { parameters: { level } } }),
      })),
    });
  const of = (...levels: (number | undefined)[]) => brief(judged(...levels));
  assert.equal(of(2, 2), "allow");
  assert.equal(of(2, 3), "deny build-mismatch");
  assert.match(judged(2, 3).findings[0]?.message ?? "", /\(level: the provenance has 3, wanted is 2\)$/);
  assert.equal(of(2, undefined), "deny build-mismatch");
  assert.equal(of(2), "deny threshold-not-met");
  const one = `${signers}[default]\nattestation = "require"\nslsa = { signer = "alice", parameters = { level = 2 } }`;
  const two = [
    { slsa: alice, build: { parameters: { level: 3 } } },
    { slsa: alice, build: { parameters: { level: 2 } } },
  ];
  assert.equal(brief(judge(one, { attestations: two })), "allow", "another provenance beside it does no harm");
});
