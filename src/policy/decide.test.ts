import assert from "node:assert/strict";
import { test } from "node:test";
import { normalizeProjectName } from "../distribution/project-name.ts";
import type { KeyId } from "../trust/key-id.ts";
import type { Publisher } from "../trust/publisher.ts";
import type { Evidence } from "../verdict/evidence.ts";
import type { Verdict } from "../verdict/verdict.ts";
import { evidenceOf, subjectOf } from "./cases/case-evidence.ts";
import type { CaseAttestation, CaseSignature, CaseSummary, PolicyCase } from "./cases/policy-case.ts";
import { needsAttestations, needsSignatures, needsSummaries } from "./condition.ts";
import { decide } from "./decide.ts";
import { defaultPolicy, defaultPolicyText } from "./default-policy.ts";
import { parsePolicy } from "./parse.ts";
import { withPins } from "./pins.ts";
import type { Origin, PolicySubject } from "./policy.ts";
import { observedPin, pinFor } from "./unmet-continuity.ts";
import { expiredExceptions } from "./waive.ts";

const now = new Date("2026-11-21T12:00:00Z");
const wheel = { filename: "demo-1.0-py3-none-any.whl" };
const sdist = { filename: "demo-1.0.tar.gz" };
const alice: Publisher = { kind: "github", repository: "acme/alice", workflow: "release.yml" };
const bob: Publisher = { kind: "gitlab", repository: "bobs/demo", workflow: ".gitlab-ci.yml" };
const stranger: Publisher = { kind: "github", repository: "mallory/alice", workflow: "release.yml" };
const signers = `
[signers.alice]
kind = "github"
repository = "acme/alice"
[signers.bob]
kind = "gitlab"
repository = "bobs/demo"
[groups.both]
of = ["alice", "bob"]
threshold = 2
`;

interface Situation extends Omit<PolicyCase, "title" | "expect" | "artifact" | "attestations"> {
  readonly artifact?: PolicyCase["artifact"];
  readonly attestations?: readonly CaseAttestation[];
  readonly more?: readonly Evidence[];
}

/** What the policy `version = 1` with `text` says of a wheel that lacks nothing, except where `situation` differs. */
function judge(text: string, situation: Situation = {}): Verdict {
  const given = { artifact: wheel, attestations: ["none"] as const, ...situation };
  return decide(
    parsePolicy(`version = 1\n${text}`, "policy.toml"),
    subjectOf(given),
    [...evidenceOf(given), ...(given.more ?? [])],
    now,
  );
}

/** `deny attestation-absent`: the decision and the ids of the findings. */
function brief(verdict: Verdict): string {
  return [verdict.decision, ...verdict.findings.map(({ id }) => id)].join(" ");
}

function briefly(text: string, situation?: Situation): string {
  return brief(judge(text, situation));
}

/**
 * Every combination of what a rule demands and what there is. Rows: what there is; columns: require, if-present, ignore,
 * no-downgrade with an earlier release that is attested.
 */
const presence: readonly (readonly [CaseAttestation, string, string, string, string])[] = [
  ["none", "deny attestation-absent", "allow", "allow", "deny attestation-lost"],
  ["unknown", "deny attestation-absent", "allow", "allow", "deny attestation-lost"],
  ["refused", "deny attestation-absent", "allow", "allow", "deny attestation-lost"],
  ["empty", "deny attestation-absent", "allow", "allow", "deny attestation-lost"],
  ["predicate", "deny attestation-absent", "allow", "allow", "deny attestation-lost"],
  [
    "unavailable",
    "undecided evidence-unavailable",
    "undecided evidence-unavailable",
    "allow",
    "undecided evidence-unavailable",
  ],
  ["invalid", "deny attestation-invalid", "deny attestation-invalid", "allow", "deny attestation-invalid"],
  [{ publish: stranger }, "allow", "allow", "allow", "allow"],
  [{ slsa: stranger }, "allow", "allow", "allow", "allow"],
];
/** What can be seen of signatures, and what `signatures` and `vouch` make of it, for alice's key. */
const signatureTable: readonly (readonly [CaseSignature, string, string])[] = [
  ["absent", "deny signature-absent", "deny threshold-not-met"],
  ["invalid", "deny signature-invalid", "deny threshold-not-met signature-invalid"],
  ["unavailable", "undecided evidence-unavailable", "undecided evidence-unavailable"],
  [{ key: "ed25519:ZqaHSxaTrimbHDE4U5ToZcWIcmNeySoY2yNFmy7lKGI" }, "deny signer-mismatch", "deny threshold-not-met"],
  [{ key: "ed25519:tHrL1HxVS-H9BcXIRSgTbYbOA7oD0Uedo5WP9JiD_d8" }, "allow", "allow"],
];
/** The same under `publish = { signer = "alice" }`; `ignore` with a signer is a mistake of the policy. */
const signed: readonly (readonly [CaseAttestation, string, string])[] = [
  ["none", "deny attestation-absent", "allow"],
  ["unavailable", "undecided evidence-unavailable", "undecided evidence-unavailable"],
  ["invalid", "deny attestation-invalid", "deny attestation-invalid"],
  [{ publish: alice }, "allow", "allow"],
  [{ publish: stranger }, "deny signer-mismatch", "deny signer-mismatch"],
  [{ slsa: alice }, "deny attestation-absent", "allow"],
];
const asWarning = (expected: string) => expected.replace(/^(deny|undecided)/, "allow");

for (const [attestation, ...expected] of presence) {
  const what = typeof attestation === "string" ? attestation : `verified ${Object.keys(attestation)[0]}`;
  for (const [at, demand] of (["require", "if-present", "ignore", "no-downgrade"] as const).entries()) {
    const outcome = expected[at] ?? "";
    for (const [mode, wanted] of [
      ["enforce", outcome],
      ["warn", asWarning(outcome)],
      ["off", "allow"],
    ] as const) {
      test(`decide() with attestation = "${demand}" and mode = "${mode}": ${what} gives ${wanted}`, () => {
        assert.equal(
          briefly(`[default]\nattestation = "${demand}"\nmode = "${mode}"`, {
            artifact: { ...wheel, attestedBefore: "0.9" },
            attestations: [attestation],
          }),
          wanted,
        );
      });
    }
  }
}

for (const [signature, ...expected] of signatureTable) {
  const what = typeof signature === "string" ? signature : `one by ${signature.key}`;
  for (const [at, demand] of [
    'signatures = { signer = "alice-key" }',
    'vouch = { any = ["alice-key"], threshold = 1 }',
  ].entries()) {
    const outcome = expected[at] ?? "";
    for (const [mode, wanted] of [
      ["enforce", outcome],
      ["warn", asWarning(outcome)],
      ["off", "allow"],
    ] as const) {
      test(`decide() with ${demand} and mode = "${mode}": a signature that is ${what} gives ${wanted}`, () => {
        const rule = `[default]\nattestation = "ignore"\n${demand}\nmode = "${mode}"`;
        assert.equal(briefly(keys + rule, { attestations: ["unavailable"], signatures: [signature] }), wanted);
      });
    }
  }
}

for (const [attestation, require, ifPresent] of signed) {
  const what = JSON.stringify(attestation);
  for (const [demand, outcome] of [
    ["require", require],
    ["if-present", ifPresent],
  ] as const) {
    for (const [mode, wanted] of [
      ["enforce", outcome],
      ["warn", asWarning(outcome)],
      ["off", "allow"],
    ] as const) {
      test(`decide() with a signer, attestation = "${demand}" and mode = "${mode}": ${what} gives ${wanted}`, () => {
        const rule = `[default]\nattestation = "${demand}"\nmode = "${mode}"\npublish = { signer = "alice" }`;
        assert.equal(briefly(signers + rule, { attestations: [attestation] }), wanted);
      });
    }
  }
}

test("decide() refuses a bad attestation beside a good one", () => {
  for (const demand of ["require", "if-present"]) {
    const rule = `[default]\nattestation = "${demand}"\npublish = { signer = "alice" }`;
    assert.equal(
      briefly(signers + rule, { attestations: [{ publish: alice }, "invalid"] }),
      "deny attestation-invalid",
    );
  }
});

test("decide() needs nothing that could not be had once what it asks for is there", () => {
  const rule = `[default]\nattestation = "require"\npublish = { signer = "alice" }`;
  assert.equal(briefly(signers + rule, { attestations: [{ publish: alice }, "unavailable"] }), "allow");
  // A stranger's attestation leaves open what the place that did not answer has.
  assert.equal(
    briefly(signers + rule, { attestations: [{ publish: stranger }, "unavailable"] }),
    "undecided evidence-unavailable",
  );
});

test("decide() counts a group's members, and takes what is missing for unknown while a place has not answered", () => {
  const rule = `[default]\nattestation = "require"\npublish = { group = "both" }`;
  const cases: readonly (readonly [CaseAttestation[], string])[] = [
    [[{ publish: alice }, { publish: bob }], "allow"],
    [[{ publish: alice }], "deny threshold-not-met"],
    [[{ publish: alice }, { publish: alice }], "deny threshold-not-met"],
    [[{ publish: alice }, { slsa: bob }], "deny threshold-not-met"],
    [[{ publish: alice }, "unavailable"], "undecided evidence-unavailable"],
    [["none"], "deny attestation-absent"],
  ];
  for (const [attestations, expected] of cases)
    assert.equal(briefly(signers + rule, { attestations }), expected, JSON.stringify(attestations));
});

test("decide() asks for publish and slsa attestations each by their own signer", () => {
  const rule = `[default]\nattestation = "require"\npublish = { signer = "alice" }\nslsa = { signer = "bob" }`;
  assert.equal(briefly(signers + rule, { attestations: [{ publish: alice }, { slsa: bob }] }), "allow");
  assert.equal(
    briefly(signers + rule, { attestations: [{ publish: bob }, { slsa: alice }] }),
    "deny signer-mismatch signer-mismatch",
  );
  assert.equal(briefly(signers + rule, { attestations: [{ publish: alice }] }), "deny attestation-absent");
});

const aliceKey = "ed25519:tHrL1HxVS-H9BcXIRSgTbYbOA7oD0Uedo5WP9JiD_d8";
const bobKey = "ed25519:XQLkQaKW7dsDMpePeXt2OCuhFm75B6QJNuQLaJ-rKO8";
const strangerKey = "ed25519:ZqaHSxaTrimbHDE4U5ToZcWIcmNeySoY2yNFmy7lKGI";
const keys = `
[trust]
keyring = { file = "keyring.json" }
[signers.alice-key]
kind = "key"
key = "${aliceKey}"
[signers.bob-key]
kind = "key"
key = "bob-2026"
[groups.keys]
of = ["alice-key", "bob-key"]
threshold = 2
`;
const byAlice: CaseSignature = { key: aliceKey };
const byBob: CaseSignature = { key: bobKey, keyName: "bob-2026" };
const byStranger: CaseSignature = { key: strangerKey };

test("decide() asks for signatures by the keys that the rule names", () => {
  const one = '[default]\nsignatures = { signer = "alice-key" }';
  const two = '[default]\nsignatures = { group = "keys" }';
  const cases: readonly (readonly [string, readonly CaseSignature[], string])[] = [
    [one, [byAlice], "allow"],
    [one, [byBob], "deny signer-mismatch"],
    [one, [{ ...byStranger, keyName: "alice-key" }], "deny signer-mismatch"],
    [one, ["absent"], "deny signature-absent"],
    [one, ["invalid"], "deny signature-invalid"],
    [one, ["unavailable"], "undecided evidence-unavailable"],
    [one, ["unavailable", byStranger], "undecided evidence-unavailable"],
    [one, [], "undecided evidence-unavailable"],
    // Bad or foreign entries beside good ones neither count nor poison.
    [one, ["invalid", byAlice, byStranger, "unavailable"], "allow signature-invalid"],
    [one, ["invalid", byStranger], "deny signer-mismatch signature-invalid"],
    [two, [byAlice, byBob], "allow"],
    [two, [byAlice, { ...byBob, form: "embedded" }], "allow"],
    [two, [byAlice, byAlice], "deny threshold-not-met"],
    [two, [byAlice, { ...byAlice, keyName: "bob-2026" }], "deny threshold-not-met"],
    [two, [byAlice, { key: bobKey }], "deny threshold-not-met"],
    [two, [byAlice, "unavailable"], "undecided evidence-unavailable"],
  ];
  for (const [rule, signatures, expected] of cases)
    assert.equal(briefly(keys + rule, { signatures }), expected, JSON.stringify([rule, signatures]));
  const { severity } = judge(keys + one, { signatures: ["invalid", byAlice] }).findings[0] ?? {};
  assert.equal(severity, "note");
});

test("decide() counts attestations and signatures together for vouch", () => {
  const rule = `[default]
attestation = "ignore"
vouch = { any = ["alice", "bob", "alice-key", "bob-key"], threshold = 2 }`;
  const cases: readonly (readonly [readonly CaseAttestation[], readonly CaseSignature[], string])[] = [
    [[{ publish: alice }], [byBob], "allow"],
    [[{ publish: alice }, { slsa: bob }], ["absent"], "allow"],
    [["none"], [byAlice, byBob], "allow"],
    [[{ publish: alice }, { slsa: alice }], [byStranger], "deny threshold-not-met"],
    [["none"], ["absent"], "deny threshold-not-met"],
    [["none"], [byAlice, "invalid"], "deny threshold-not-met signature-invalid"],
    [[{ publish: alice }], ["unavailable"], "undecided evidence-unavailable"],
    [["unavailable"], [byAlice], "undecided evidence-unavailable"],
    [["unavailable"], [byAlice, byBob, "unavailable"], "allow"],
    [["invalid"], [byAlice, byBob], "deny attestation-invalid"],
  ];
  for (const [attestations, signatures, expected] of cases)
    assert.equal(
      briefly(signers + keys + rule, { attestations, signatures }),
      expected,
      JSON.stringify([attestations, signatures]),
    );
});

test("decide() asks only for the means by which somebody could vouch", () => {
  const byKeys = '[default]\nattestation = "ignore"\nvouch = { any = ["alice-key"], threshold = 1 }';
  assert.equal(
    briefly(keys + byKeys, { attestations: ["unavailable"], signatures: ["absent"] }),
    "deny threshold-not-met",
  );
  assert.equal(briefly(keys + byKeys, { attestations: ["invalid"], signatures: [byAlice] }), "allow");
  const byCertificates = '[default]\nattestation = "ignore"\nvouch = { any = ["alice"], threshold = 1 }';
  assert.equal(briefly(signers + byCertificates, { signatures: ["unavailable"] }), "deny threshold-not-met");
  assert.equal(
    briefly(signers + byCertificates, { attestations: [{ publish: alice }], signatures: ["invalid"] }),
    "allow",
  );
});

test("decide() names the keys that signed and the signers that could vouch", () => {
  const message = (rule: string, signatures: readonly CaseSignature[]) =>
    judge(signers + keys + rule, { attestations: [{ publish: alice }], signatures }).findings[0]?.message;
  assert.equal(
    message('[default]\nsignatures = { signer = "alice-key" }', [byStranger]),
    `Cannot admit "demo-1.0-py3-none-any.whl": policy rule "default" asks for a signature by signer "alice-key", it is by key ${strangerKey}`,
  );
  assert.equal(
    message('[default]\nsignatures = { group = "keys" }', [byAlice]),
    'Cannot admit "demo-1.0-py3-none-any.whl": policy rule "default" asks for signatures by 2 of group "keys", 1 of them signed',
  );
  assert.equal(
    message('[default]\nvouch = { any = ["alice", "bob-key"], threshold = 2 }', [byStranger]),
    `Cannot admit "demo-1.0-py3-none-any.whl": policy rule "default" asks for 2 of "alice", "bob-key" to vouch, 1 of them did; seen: GitHub acme/alice (release.yml, refs/tags/v1.0), key ${strangerKey}`,
  );
  assert.equal(
    message('[default]\nsignatures = { signer = "alice-key" }', ["unavailable"]),
    'Cannot decide about "demo-1.0-py3-none-any.whl": a signature could not be judged (demo.whl.jws): the keyring has expired',
  );
});

test("decide() takes an attestation with another predicate type for none", () => {
  const other: Evidence = {
    kind: "attestation",
    outcome: "verified",
    predicateType: "https://example.org/predicate/v1",
    signer: {
      kind: "other",
      claims: { issuer: "https://login.example.org", san: { type: "uri", value: "https://example.org/" } },
    },
    signedAt: now,
    source: "demo.provenance",
  };
  const verdict = judge('[default]\nattestation = "require"', { attestations: [], more: [other] });
  assert.equal(brief(verdict), "deny attestation-absent");
  assert.match(verdict.findings[0]?.message ?? "", /predicate type https:\/\/example\.org\/predicate\/v1$/);
  assert.equal(briefly('[default]\nattestation = "if-present"', { attestations: [], more: [other] }), "allow");
});

test("decide() names the artifact, the rule, what is there and what is wanted", () => {
  const message = (text: string, situation: Situation) => judge(text, situation).findings[0]?.message;
  const rule = '[[rule]]\nmatch = { name = "demo" }\nattestation = "require"\n';
  assert.equal(
    message(`${signers}${rule}publish = { signer = "alice" }`, { attestations: [{ publish: stranger }] }),
    'Cannot admit "demo-1.0-py3-none-any.whl": policy rule "rule 1" asks for a publish attestation by signer "alice", it is by GitHub mallory/alice (release.yml, refs/tags/v1.0) (repository: the certificate has "mallory/alice", wanted is "acme/alice")',
  );
  assert.equal(
    message(`${signers}${rule}publish = { group = "both" }`, { attestations: [{ publish: alice }] }),
    'Cannot admit "demo-1.0-py3-none-any.whl": policy rule "rule 1" asks for publish attestations by 2 of group "both", 1 of them signed',
  );
  assert.equal(
    message(`${rule}mode = "warn"`, { attestations: ["none"] }),
    'Would not admit "demo-1.0-py3-none-any.whl": policy rule "rule 1" asks for an attestation, the index says that there is none',
  );
  assert.equal(
    message(rule, { attestations: ["unavailable"] }),
    'Cannot decide about "demo-1.0-py3-none-any.whl": attestations could not be had from https://pypi.org/integrity/: the index did not answer',
  );
  assert.equal(
    message(rule, { attestations: ["none"] }),
    'Cannot admit "demo-1.0-py3-none-any.whl": policy rule "rule 1" asks for an attestation, the index says that there is none',
  );
});

test("decide() applies the first rule that matches", () => {
  const policy = `[[rule]]
match = { name = "demo", version = ">=2" }
attestation = "require"
[[rule]]
match = { name = "dem*" }
hashes = "require"
[[rule]]
match = { name = "demo" }
mode = "off"`;
  assert.equal(judge(policy).rule, "rule 2");
  assert.equal(briefly(policy), "deny hash-required");
  assert.equal(judge(policy, { artifact: { filename: "demo-2.0-py3-none-any.whl" } }).rule, "rule 1");
  assert.equal(judge(policy, { artifact: { filename: "other-2.0-py3-none-any.whl" } }).rule, "default");
});

test("decide() holds what was promised of the bytes against them, under every mode", () => {
  for (const mode of ["enforce", "warn", "off"]) {
    const rule = `[default]\nmode = "${mode}"\nhashes = "any"`;
    assert.equal(briefly(rule, { hash: "mismatch" }), "deny hash-mismatch");
    assert.equal(briefly(rule, { record: "mismatch" }), "deny record-mismatch");
    assert.equal(briefly(rule, { record: "unavailable" }), "undecided evidence-unavailable");
  }
});

test("decide() asks for a hash as the rule says", () => {
  const of = (demand: string, hash: NonNullable<PolicyCase["hash"]>, artifact = wheel) =>
    briefly(`[default]\nhashes = "${demand}"`, { hash, artifact });
  assert.equal(of("index", "index"), "allow");
  assert.equal(of("index", "user"), "allow");
  assert.equal(of("index", "nobody"), "deny index-hash-absent");
  assert.equal(of("require", "index"), "deny hash-required");
  assert.equal(of("require", "user"), "allow");
  assert.equal(of("any", "nobody"), "allow");
});

test("decide() leaves open what digests that were not compared would say", () => {
  const given = { artifact: wheel, attestations: ["none"] as const };
  for (const [demand, missing] of [
    ["index", "index-digest"],
    ["require", "user-hash"],
  ] as const) {
    const policy = parsePolicy(`version = 1\n[default]\nhashes = "${demand}"`, "policy.toml");
    const evidence = evidenceOf({ ...given, hash: "nobody" }).filter(({ kind }) => kind !== missing);
    assert.equal(brief(decide(policy, subjectOf(given), evidence, now)), "undecided evidence-unavailable");
  }
});

test("decide() asks nobody for a hash where the user named the file", () => {
  const of = (origin: Origin) => briefly("", { artifact: { ...wheel, origin }, hash: "nobody" });
  assert.equal(of("local"), "allow");
  assert.equal(of("url"), "allow");
  assert.equal(of("links"), "deny index-hash-absent");
  assert.equal(of("index"), "deny index-hash-absent");
});

test("decide() asks for files of an age", () => {
  const of = (minAge: string, artifact: Partial<PolicyCase["artifact"]>, rest: Situation = {}) =>
    briefly(`[default]\nmin-age = "${minAge}"`, { artifact: { ...wheel, ...artifact }, ...rest });
  assert.equal(of("P3D", { uploadTime: "2026-11-18T12:00:00Z" }), "allow");
  assert.equal(of("P3D", { uploadTime: "2026-11-18T12:00:00.001Z" }), "deny too-new");
  assert.equal(of("P3D", { uploadTime: "2030-01-01T00:00:00Z" }), "deny too-new");
  assert.equal(of("P0D", {}), "allow");
  assert.equal(of("P3D", {}), "deny upload-time-absent");
  assert.equal(of("P3D", { origin: "links" }), "deny upload-time-absent");
  assert.equal(of("P3D", { origin: "url" }), "deny upload-time-absent");
  assert.equal(of("P3D", { origin: "local" }), "allow");
  // The time of an attestation is asked for only where the policy says so.
  assert.equal(of("P3D", {}, { attestations: [{ publish: alice }] }), "deny upload-time-absent");
});

test("decide() takes missing upload times as the rule says", () => {
  const of = (missing: string, attestations: readonly CaseAttestation[], minAge = "P10D") =>
    briefly(`[default]\nattestation = "ignore"\nmin-age = "${minAge}"\nmissing-time = "${missing}"`, { attestations });
  assert.equal(of("ignore", ["unavailable"]), "allow");
  // The cases' attestations are 20.5 days old.
  assert.equal(of("log", [{ publish: alice }]), "allow");
  assert.equal(of("log", [{ slsa: stranger }, "unavailable"]), "allow");
  assert.equal(of("log", [{ publish: alice }], "P21D"), "deny too-new");
  assert.equal(of("log", [{ publish: alice }, "unavailable"], "P21D"), "undecided evidence-unavailable");
  assert.equal(of("log", ["none"]), "deny upload-time-absent");
  assert.equal(of("log", ["unavailable"]), "undecided evidence-unavailable");
  assert.equal(of("log", ["invalid"]), "deny upload-time-absent attestation-invalid");
});

test("decide() says when a file is old enough", () => {
  const messages = (
    text: string,
    artifact: Partial<PolicyCase["artifact"]>,
    attestations: CaseAttestation[] = ["none"],
  ) => judge(text, { artifact: { ...wheel, ...artifact }, attestations }).findings.map(({ message }) => message);
  assert.deepEqual(messages('[default]\nmin-age = "P3D"', { uploadTime: "2026-11-20T00:00:00Z" }), [
    'Cannot admit "demo-1.0-py3-none-any.whl": policy rule "default" asks for files uploaded P3D ago or earlier, it was uploaded 2026-11-20T00:00:00.000Z: good from 2026-11-23T00:00:00.000Z on',
  ]);
  assert.deepEqual(messages('[default]\nmin-age = "P3W"\nmissing-time = "log"', {}, [{ publish: alice }]), [
    'Cannot admit "demo-1.0-py3-none-any.whl": policy rule "default" asks for files uploaded P3W ago or earlier, it was signed 2026-11-01T00:00:00.000Z: good from 2026-11-22T00:00:00.000Z on',
  ]);
});

test("decide() asks for attestations where an earlier release has one", () => {
  const of = (attestations: readonly CaseAttestation[], before?: string, more = "") =>
    judge(`${signers}[default]\nattestation = "no-downgrade"\n${more}`, {
      artifact: { ...wheel, ...(before !== undefined && { attestedBefore: before }) },
      attestations,
    });
  const alsoSigner = 'publish = { signer = "alice" }';
  assert.equal(brief(of(["none"])), "allow");
  assert.equal(brief(of(["none"], "0.9")), "deny attestation-lost");
  assert.equal(
    of(["none"], "0.9").findings[0]?.message,
    'Cannot admit "demo-1.0-py3-none-any.whl": release 0.9 is attested, and of this file the index says that there is none',
  );
  assert.equal(brief(of([{ publish: stranger }], "0.9")), "allow");
  assert.equal(brief(of(["unavailable"], "0.9")), "undecided evidence-unavailable");
  assert.equal(brief(of(["invalid"], "0.9")), "deny attestation-invalid");
  assert.equal(brief(of([{ publish: alice }], "0.9", alsoSigner)), "allow");
  assert.equal(brief(of([{ publish: stranger }], "0.9", alsoSigner)), "deny signer-mismatch");
  assert.equal(brief(of(["none"], "0.9", alsoSigner)), "deny attestation-lost");
});

test("decide() asks for the signer that no-downgrade names as require does, where an earlier release is attested", () => {
  const of = (demand: string, more: string, attestations: readonly CaseAttestation[], before?: string) =>
    judge(`${signers}[default]\nattestation = "${demand}"\n${more}`, {
      artifact: { ...wheel, ...(before !== undefined && { attestedBefore: before }) },
      attestations,
    });
  const byPublisher = 'publish = { signer = "alice" }';
  const byBuilder = 'slsa = { signer = "alice" }';
  for (const [more, seen] of [
    [byPublisher, { slsa: stranger }],
    [byPublisher, { slsa: alice }],
    [byBuilder, { publish: stranger }],
    [`${byPublisher}\n${byBuilder}`, { publish: alice }],
    [`${byPublisher}\n${byBuilder}`, { slsa: alice }],
  ] as const) {
    assert.equal(brief(of("require", more, [seen], "0.9")), "deny attestation-absent", more);
    assert.equal(brief(of("no-downgrade", more, [seen], "0.9")), "deny attestation-lost", more);
    assert.equal(brief(of("no-downgrade", more, [seen])), "allow", more);
  }
  assert.equal(
    of("no-downgrade", byPublisher, [{ slsa: stranger }], "0.9").findings[0]?.message,
    'Cannot admit "demo-1.0-py3-none-any.whl": release 0.9 is attested, and policy rule "default" asks for a publish attestation by signer "alice", those that are there have the predicate type https://slsa.dev/provenance/v1',
  );
});

test("decide() refuses what a signer on the deny list signed, in its time", () => {
  const of = (entry: string, situation: Situation, rule = 'attestation = "ignore"') =>
    briefly(`${signers}${keys}[floor]\ndeny = [{ ${entry} }]\n[default]\n${rule}`, situation);
  const signedByAlice = { attestations: [{ publish: alice }] };
  assert.equal(of('signer = "alice"', signedByAlice), "deny denied-by-policy");
  assert.equal(of('signer = "alice"', signedByAlice, 'mode = "off"'), "deny denied-by-policy");
  assert.equal(of('signer = "bob"', signedByAlice), "allow");
  // The cases' attestations are of 2026-11-01T00:00:00Z.
  assert.equal(of('signer = "alice", from = 2026-11-01T00:00:00Z', signedByAlice), "deny denied-by-policy");
  assert.equal(of('signer = "alice", from = 2026-11-01T00:00:01Z', signedByAlice), "allow");
  assert.equal(of('signer = "alice", until = 2026-11-01T00:00:00Z', signedByAlice), "deny denied-by-policy");
  assert.equal(of('signer = "alice", until = 2026-11-01T01:59:59+02:00', signedByAlice), "allow");
  const moment = "2026-11-01T00:00:00Z";
  assert.equal(of(`signer = "alice", from = ${moment}, until = ${moment}`, signedByAlice), "deny denied-by-policy");
  assert.equal(of('signer = "alice", name = "demo", version = "<2"', signedByAlice), "deny denied-by-policy");
  assert.equal(of('signer = "alice", name = "demo", version = ">2"', signedByAlice), "allow");
  assert.equal(of('signer = "alice"', { attestations: ["none"] }), "allow");
  assert.equal(of('signer = "alice"', { attestations: ["unavailable"] }), "undecided evidence-unavailable");
  assert.equal(of('signer = "alice-key"', { signatures: [byAlice] }), "deny denied-by-policy");
  assert.equal(of('signer = "bob-key"', { signatures: [byBob] }), "deny denied-by-policy");
  assert.equal(of('signer = "alice-key"', { signatures: [byStranger] }), "allow");
  assert.equal(of('signer = "alice-key"', { signatures: ["unavailable"] }), "undecided evidence-unavailable");
  assert.equal(
    judge(
      `${signers}[floor]\ndeny = [{ signer = "alice", from = 2026-11-01T00:00:00Z, until = 2026-11-02T00:00:00Z }]`,
      signedByAlice,
    ).findings[0]?.message,
    'Cannot admit "demo-1.0-py3-none-any.whl": the deny list has signer "alice" from 2026-11-01T00:00:00.000Z until 2026-11-02T00:00:00.000Z',
  );
});

test("decide() refuses what a denied signer signed under the same name in other letters", () => {
  const renamed: Publisher = { ...alice, repository: "Acme/Alice" };
  const policy = `${signers}[floor]\ndeny = [{ signer = "alice" }]\n`;
  assert.equal(briefly(policy, { attestations: [{ publish: renamed }] }), "deny denied-by-policy");
  // Whoever is asked for is so to the letter.
  const asked = `${signers}[default]\nattestation = "require"\npublish = { signer = "alice" }`;
  assert.equal(briefly(asked, { attestations: [{ publish: renamed }] }), "deny signer-mismatch");
});

test("decide() refuses what a key on the deny list signed, whether the key is current or not", () => {
  const [kind, source] = ["wheel-signature", "demo.whl.jws"] as const;
  const problems = [{ id: "key-not-current", message: "It is revoked" } as const];
  const of = (denied: string, seen: Evidence, rule = 'mode = "off"') =>
    briefly(`${signers}${keys}[floor]\ndeny = [{ signer = "${denied}" }]\n[default]\n${rule}`, { more: [seen] });
  const revoked = { kind, source, outcome: "invalid", problems, key: aliceKey } as const;
  assert.equal(of("alice-key", revoked), "deny denied-by-policy");
  assert.equal(of("bob-key", revoked), "allow");
  assert.equal(of("bob-key", { ...revoked, listedAs: "bob-2026" }), "deny denied-by-policy");
  const dropped = { kind, source, outcome: "unknown", reason: "nobody trusts it", key: aliceKey } as const;
  assert.equal(of("alice-key", dropped), "deny denied-by-policy");
  assert.equal(of("bob-key", { ...dropped, listedAs: "bob-2026" }), "deny denied-by-policy");
  assert.equal(of("bob-key", dropped), "allow");
  // A key that the policy writes out counts, and not by the name that the keyring has for it.
  const past = { kind, source, outcome: "verified", form: "detached", key: aliceKey, listedAs: "bob-2026" } as const;
  assert.equal(of("bob-key", past), "deny denied-by-policy");
  const byName = 'attestation = "ignore"\nsignatures = { signer = "bob-key" }';
  assert.equal(briefly(`${keys}[default]\n${byName}`, { more: [past] }), "deny signer-mismatch");
  // What does not verify is signed by nobody, whatever it says of itself.
  assert.equal(of("alice-key", { kind, source, outcome: "invalid", problems }), "allow");
  // A revoked key that nobody denies counts for nobody all the same.
  const asking = 'attestation = "ignore"\nsignatures = { signer = "alice-key" }';
  assert.equal(of("bob-key", revoked, asking), "deny key-not-current");
});

/** What `continuity` says where alice signed release 0.9 of demo. */
function continued(demand: string, attestations: readonly CaseAttestation[], more = "", project = "demo"): Verdict {
  const policy = parsePolicy(
    `version = 1\n${signers}[default]\nattestation = "ignore"\ncontinuity = { pins = "p.json"${demand} }\n${more}`,
    "policy.toml",
  );
  const pinned = {
    project: normalizeProjectName(project),
    version: "0.9",
    filename: "d.whl",
    signers: ["github acme/alice release.yml"],
  };
  const pins = new Map([["p.json", withPins(new Map(), [pinned])]]);
  const given = { artifact: wheel, attestations };
  return decide({ ...policy, pins }, subjectOf(given), evidenceOf(given), now);
}

test("decide() compares with pins as the rule says", () => {
  const same = [{ publish: alice }];
  const other = [{ publish: stranger }];
  assert.equal(brief(continued("", same)), "allow");
  assert.equal(brief(continued("", [...same, ...other])), "allow");
  assert.equal(brief(continued("", other)), "deny provenance-changed");
  assert.equal(brief(continued("", ["none"])), "deny provenance-lost");
  assert.equal(brief(continued("", ["unavailable"])), "undecided evidence-unavailable");
  assert.equal(brief(continued("", [...other, "unavailable"])), "undecided evidence-unavailable");
  assert.equal(brief(continued("", [...same, "unavailable"])), "allow");
  assert.equal(brief(continued("", ["invalid"])), "deny attestation-invalid provenance-lost");
  assert.equal(brief(continued(', on-change = "warn"', other)), "allow provenance-changed");
  assert.equal(brief(continued(', on-loss = "warn"', ["none"])), "allow provenance-lost");
  assert.equal(brief(continued(', on-change = "warn"', ["none"])), "deny provenance-lost");
  assert.equal(brief(continued(', on-loss = "warn"', other)), "deny provenance-changed");
});

test("decide() takes projects of which nothing is pinned as the rule says", () => {
  const of = (demand: string, attestations: readonly CaseAttestation[]) =>
    brief(continued(demand, attestations, "", "other"));
  assert.equal(of("", ["none"]), "allow");
  assert.equal(of(', on-new = "warn"', ["none"]), "allow provenance-new");
  assert.equal(of(', on-new = "deny"', [{ publish: alice }]), "deny provenance-new");
  // What could not be seen is not pinned as nothing.
  assert.equal(of("", ["unavailable"]), "undecided evidence-unavailable");
});

test("decide() leaves open what pins that were not read would say", () => {
  const policy = '[default]\ncontinuity = { pins = "p.json" }';
  const verdict = judge(policy, { attestations: [{ publish: alice }] });
  assert.equal(brief(verdict), "undecided evidence-unavailable");
  assert.match(verdict.findings[0]?.message ?? "", /the pins "p\.json" were not read$/);
});

test("decide() names both signers where they differ from the pins", () => {
  assert.equal(
    continued("", [{ publish: stranger }]).findings[0]?.message,
    'Cannot admit "demo-1.0-py3-none-any.whl": changed-provenance: release 0.9 is by github acme/alice release.yml, this file is by github mallory/alice release.yml',
  );
  assert.equal(
    continued("", ["none"]).findings[0]?.message,
    'Cannot admit "demo-1.0-py3-none-any.whl": lost-provenance: release 0.9 is by github acme/alice release.yml, this file has no attestation',
  );
});

test("decide() waives continuity by an exception", () => {
  const exception = (keys: string) =>
    `[[exception]]\nid = "EX-1"\nmatch = { name = "demo" }\nwaive = ["${keys}"]\nreason = "moved"\nowner = "a"\nexpires = 2027-01-01\n`;
  assert.equal(brief(continued("", [{ publish: stranger }], exception("continuity"))), "allow provenance-changed");
  assert.equal(brief(continued("", [{ publish: stranger }], exception("publish"))), "deny provenance-changed");
  assert.equal(brief(continued("", ["unavailable"], exception("continuity"))), "undecided evidence-unavailable");
});

test("pinFor() pins what is new and what is as before, where the rule asks for it", () => {
  const of = (demand: string, by: Publisher | undefined, project = "demo", mode = "enforce") => {
    const policy = parsePolicy(`version = 1\n[default]\nmode = "${mode}"\n${demand}`, "policy.toml");
    const pinned = {
      project: normalizeProjectName(project),
      version: "0.9",
      filename: "d.whl",
      signers: ["github acme/alice release.yml"],
    };
    const given = { artifact: wheel, attestations: by === undefined ? (["none"] as const) : [{ publish: by }] };
    const pins = new Map([["p.json", withPins(new Map(), [pinned])]]);
    return pinFor(policy.default, { ...policy, pins }, subjectOf(given), evidenceOf(given))?.signers;
  };
  const continuity = (more = "") => `continuity = { pins = "p.json", on-change = "warn", on-loss = "warn"${more} }`;
  assert.deepEqual(of(continuity(), alice), ["github acme/alice release.yml"]);
  assert.deepEqual(of(continuity(), bob, "other"), ["gitlab bobs/demo .gitlab-ci.yml"]);
  assert.deepEqual(of(continuity(), undefined, "other"), []);
  // What a person has to look at is not pinned in passing.
  assert.equal(of(continuity(), bob), undefined);
  assert.equal(of(continuity(), undefined), undefined);
  assert.equal(of(continuity(', on-new = "warn"'), bob, "other"), undefined);
  assert.equal(of("", alice), undefined);
  assert.equal(of(continuity(), alice, "demo", "off"), undefined);
});

test("decide() asks for one of the identities that a lock file names", () => {
  const of = (attestations: readonly CaseAttestation[], mode = "enforce") => {
    const given = { artifact: wheel, attestations };
    const lockedIdentities = [
      { kind: "GitHub", repository: "acme/alice", workflow: "release.yml" },
      { kind: "GitHub", repository: "acme/other", workflow: "release.yml" },
    ];
    const policy = parsePolicy(`version = 1\n[default]\nmode = "${mode}"`, "policy.toml");
    return decide(policy, { ...subjectOf(given), lockedIdentities }, evidenceOf(given), now);
  };
  assert.equal(brief(of([{ publish: alice }])), "allow");
  assert.equal(brief(of([{ publish: stranger }, { slsa: alice }])), "allow");
  assert.equal(brief(of([{ publish: stranger }])), "deny locked-identity-mismatch");
  assert.equal(brief(of([{ publish: stranger }], "off")), "deny locked-identity-mismatch");
  assert.equal(brief(of(["none"])), "deny locked-identity-mismatch");
  assert.equal(brief(of(["unavailable"])), "undecided evidence-unavailable");
});

test("decide() names the fields that differ for one signer, and not for a group", () => {
  const message = (publish: string) =>
    judge(`${signers}[groups.any]\nof = ["alice", "bob"]\nthreshold = 1\n[default]\npublish = { ${publish} }`, {
      attestations: [{ publish: stranger }],
    }).findings[0]?.message ?? "";
  assert.match(
    message('signer = "alice"'),
    /\(repository: the certificate has "mallory\/alice", wanted is "acme\/alice"\)$/,
  );
  assert.match(message('group = "any"'), /it is by GitHub mallory\/alice \(release\.yml, refs\/tags\/v1\.0\)$/);
});

test("observedPin() pins nobody only where it is certain that nobody signed", () => {
  const of = (...attestations: readonly CaseAttestation[]) => {
    const given = { artifact: wheel, attestations };
    return observedPin(subjectOf(given), evidenceOf(given))?.signers;
  };
  assert.deepEqual(of("none", "unknown"), []);
  assert.deepEqual(of({ slsa: bob }, { publish: alice }, "none"), [
    "github acme/alice release.yml",
    "gitlab bobs/demo .gitlab-ci.yml",
  ]);
  assert.equal(of("unavailable"), undefined);
  assert.equal(of({ publish: alice }, "unavailable"), undefined);
  assert.equal(of({ publish: alice }, "invalid"), undefined);
  assert.equal(of(), undefined);
});

function excepted(waive: string, text: string, situation: Situation = {}, more = ""): Verdict {
  const exception = `[[exception]]
id = "EX-12"
match = { name = "demo" }
waive = ["${waive}"]
reason = "there is none"
owner = "security@example.org"
expires = 2026-11-21
`;
  return judge(`${signers}${keys}[default]\n${text}\n${exception}${more}`, situation);
}

const unmetConditions: readonly (readonly [key: string, rule: string, situation: Situation, id: string])[] = [
  ["attestation", 'attestation = "require"', {}, "attestation-absent"],
  ["attestation", 'attestation = "require"\npublish = { signer = "alice" }', {}, "attestation-absent"],
  [
    "attestation",
    'attestation = "no-downgrade"',
    { artifact: { ...wheel, attestedBefore: "0.9" } },
    "attestation-lost",
  ],
  [
    "attestation",
    'attestation = "require"\npublish = { group = "both" }',
    { attestations: [{ publish: alice }] },
    "threshold-not-met",
  ],
  ["publish", 'publish = { signer = "alice" }', { attestations: [{ publish: stranger }] }, "signer-mismatch"],
  ["slsa", 'slsa = { signer = "alice" }', { attestations: [{ slsa: stranger }] }, "signer-mismatch"],
  ["signatures", 'signatures = { signer = "alice-key" }', {}, "signature-absent"],
  ["vouch", 'vouch = { any = ["alice", "bob-key"], threshold = 2 }', {}, "threshold-not-met"],
  ["summary", 'summary = { signer = "alice-key", verifier = "https://ci.example.org/" }', {}, "summary-absent"],
  ["hashes", 'hashes = "require"', {}, "hash-required"],
  ["sdist", 'sdist = "deny"', { artifact: sdist }, "sdist-refused"],
  ["min-age", 'min-age = "P3D"', {}, "upload-time-absent"],
  ["sources", 'sources = ["https://index.example.org/simple/"]', {}, "source-refused"],
  [
    "status",
    'status = { archived = "deny" }',
    { artifact: { ...wheel, projectStatus: "archived" } },
    "project-archived",
  ],
  ["status", 'status = { yanked = "deny" }', { artifact: { ...wheel, yanked: "" } }, "yanked"],
];

for (const [key, rule, situation, id] of unmetConditions) {
  test(`decide() waives ${key} by an exception, says so, and waives nothing else by it (${id})`, () => {
    assert.equal(brief(judge(`${signers}${keys}[default]\n${rule}`, situation)), `deny ${id}`);
    const verdict = excepted(key, rule, situation);
    assert.equal(brief(verdict), `allow ${id}`);
    const [{ exception, severity, message } = assert.fail()] = verdict.findings;
    assert.deepEqual([exception, severity], ["EX-12", "warning"]);
    assert.match(message, /; waived by exception "EX-12" until 2026-11-21 \(there is none; security@example\.org\)$/);
    for (const [other] of unmetConditions)
      if (other !== key) assert.equal(brief(excepted(other, rule, situation)), `deny ${id}`, other);
  });
}

test("decide() waives what could not be had only where no bad evidence could hide behind it", () => {
  const unavailable: Situation = { attestations: ["unavailable"], signatures: ["unavailable"] };
  assert.equal(
    brief(excepted("attestation", 'attestation = "require"', unavailable)),
    "undecided evidence-unavailable",
  );
  assert.equal(
    brief(excepted("publish", 'attestation = "require"\npublish = { signer = "alice" }', unavailable)),
    "undecided evidence-unavailable",
  );
  assert.equal(
    brief(excepted("signatures", 'attestation = "ignore"\nsignatures = { signer = "alice-key" }', unavailable)),
    "allow evidence-unavailable",
  );
});

test("decide() waives neither the floor nor a bad attestation", () => {
  const yanked = { artifact: { ...wheel, yanked: "" } };
  const floor = '[floor]\nstatus = { yanked = "deny" }\n';
  assert.equal(brief(excepted("status", "", yanked, floor)), "deny yanked");
  assert.equal(brief(excepted("attestation", "", { attestations: ["invalid"] })), "deny attestation-invalid");
  assert.equal(brief(excepted("hashes", "", { hash: "mismatch" })), "deny hash-mismatch");
});

test("decide() waives the absence of a group's attestations, and not that they are by others or of another build", () => {
  const group = 'attestation = "require"\npublish = { group = "both" }';
  const by = (rule: string, ...attestations: readonly CaseAttestation[]) =>
    brief(excepted("attestation", rule, { attestations }));
  assert.equal(by(group, { publish: stranger }), "deny signer-mismatch");
  assert.equal(by(group, "none"), "allow attestation-absent");
  assert.equal(by(group, { publish: alice }), "allow threshold-not-met");
  // A stranger's does no harm beside one that the rule asks for.
  assert.equal(by(group, { publish: alice }, { publish: stranger }), "allow threshold-not-met");
  assert.equal(brief(excepted("publish", group, { attestations: [{ publish: stranger }] })), "allow signer-mismatch");
  const build = 'attestation = "require"\nslsa = { group = "both", builder = ["https://acme.example/*"] }';
  assert.equal(by(build, { slsa: alice }), "deny build-mismatch");
  assert.equal(by(build, { slsa: stranger }), "deny signer-mismatch");
});

test("decide() names an exception that has expired, beside what it no longer waives", () => {
  const policy = parsePolicy(
    `version = 1\n[default]\nattestation = "require"\n[[exception]]\nid = "EX-1"\nmatch = { name = "demo" }\nwaive = ["attestation"]\nreason = "none"\nowner = "security@example.org"\nexpires = 2026-11-20\n`,
    "policy.toml",
  );
  const given = { artifact: wheel, attestations: ["none"] as const };
  const at = (time: string) => decide(policy, subjectOf(given), evidenceOf(given), new Date(time));
  assert.equal(brief(at("2026-11-20T23:59:59.999Z")), "allow attestation-absent");
  const late = at("2026-11-21T00:00:00Z");
  assert.equal(brief(late), "deny attestation-absent exception-expired");
  assert.equal(
    late.findings[1]?.message,
    'Would not admit "demo-1.0-py3-none-any.whl": exception "EX-1" would waive this, and held until 2026-11-20 (security@example.org)',
  );
  assert.deepEqual(
    expiredExceptions(policy, new Date("2026-11-21")).map(({ id }) => id),
    ["EX-1"],
  );
  assert.deepEqual(expiredExceptions(policy, new Date("2026-11-20T12:00:00Z")), []);
  // It is named only where it would have helped.
  const attested = { artifact: wheel, attestations: [{ publish: alice }] };
  assert.equal(brief(decide(policy, subjectOf(attested), evidenceOf(attested), now)), "allow");
});

test("decide() warns until the day of enforce-after, saying so, and refuses from then on", () => {
  const policy = parsePolicy(
    'version = 1\n[default]\nmode = "warn"\nenforce-after = 2026-12-01\nattestation = "require"\n[[rule]]\nmatch = { name = "other" }\nmode = "warn"',
    "policy.toml",
  );
  const at = (time: string, filename = wheel.filename) => {
    const given = { artifact: { filename }, attestations: ["none"] as const };
    return decide(policy, subjectOf(given), evidenceOf(given), new Date(time));
  };
  assert.equal(brief(at("2026-11-30T23:59:59.999Z")), "allow attestation-absent");
  assert.match(at("2026-11-21").findings[0]?.message ?? "", /; this is enforced from 2026-12-01 on$/);
  assert.equal(brief(at("2026-12-01T00:00:00Z")), "deny attestation-absent");
  // A rule that says its mode says all of it.
  assert.equal(brief(at("2027-01-01", "other-1.0-py3-none-any.whl")), "allow attestation-absent");
});

test("decide() takes an expired policy where the user allows it, with a warning", () => {
  const policy = { ...parsePolicy("version = 1\nexpires = 2026-01-01", "policy.toml"), allowsExpired: true };
  const given = { artifact: wheel, attestations: ["none"] as const };
  assert.equal(brief(decide(policy, subjectOf(given), evidenceOf(given), now)), "allow policy-expired");
});

test("needsAttestations() and needsSignatures() say what a policy can have a use for", () => {
  const needs = (text: string, artifact: Partial<PolicyCase["artifact"]> = {}) => {
    const policy = parsePolicy(`version = 1\n${signers}${keys}${text}`, "policy.toml");
    const subject = subjectOf({ artifact: { ...wheel, ...artifact } });
    return [needsAttestations(policy, policy.default, subject), needsSignatures(policy, policy.default, subject)];
  };
  const ignoring = '[default]\nattestation = "ignore"\n';
  assert.deepEqual(needs(""), [true, false]);
  assert.deepEqual(needs(ignoring), [false, false]);
  assert.deepEqual(needs('[default]\nmode = "off"\nvouch = { any = ["alice", "bob-key"], threshold = 1 }'), [
    false,
    false,
  ]);
  assert.deepEqual(needs(`${ignoring}signatures = { signer = "bob-key" }`), [false, true]);
  assert.deepEqual(needs(`${ignoring}vouch = { any = ["alice"], threshold = 1 }`), [true, false]);
  assert.deepEqual(needs(`${ignoring}vouch = { any = ["alice", "bob-key"], threshold = 1 }`), [true, true]);
  assert.deepEqual(needs(`${ignoring}min-age = "P3D"\nmissing-time = "log"`), [true, false]);
  assert.deepEqual(needs(`${ignoring}min-age = "P3D"\nmissing-time = "log"`, { uploadTime: "2026-11-01T00:00:00Z" }), [
    false,
    false,
  ]);
  assert.deepEqual(needs(`${ignoring}min-age = "P3D"`), [false, false]);
  assert.deepEqual(needs(`${ignoring}continuity = { pins = "p.json" }`), [true, false]);
  assert.deepEqual(needs(`[floor]\ndeny = [{ signer = "alice" }]\n[default]\nmode = "off"`), [true, false]);
  assert.deepEqual(needs(`[floor]\ndeny = [{ signer = "bob-key", name = "demo" }]\n[default]\nmode = "off"`), [
    false,
    true,
  ]);
  assert.deepEqual(needs(`[floor]\ndeny = [{ signer = "alice", name = "other" }]\n[default]\nmode = "off"`), [
    false,
    false,
  ]);
});

test("decide() takes source distributions as the rule says", () => {
  const of = (demand: string, attestations: readonly CaseAttestation[]) =>
    briefly(`[default]\nattestation = "ignore"\nsdist = "${demand}"`, { artifact: sdist, attestations });
  assert.equal(of("deny", [{ publish: alice }]), "deny sdist-refused");
  assert.equal(of("require-attestation", [{ publish: alice }]), "allow");
  assert.equal(of("require-attestation", ["unknown"]), "deny attestation-absent");
  assert.equal(of("allow", ["none"]), "allow");
});

test("decide() refuses or warns of yanked files as floor and rule say, the stricter one winning", () => {
  const of = (floor: string, rule: string, mode = "enforce") =>
    briefly(`[floor]\nstatus.yanked = "${floor}"\n[default]\nstatus.yanked = "${rule}"\nmode = "${mode}"`, {
      artifact: { ...wheel, yanked: "broken" },
    });
  assert.equal(of("allow", "allow"), "allow");
  assert.equal(of("allow", "warn"), "allow yanked");
  assert.equal(of("warn", "deny"), "deny yanked");
  assert.equal(of("deny", "allow"), "deny yanked");
  assert.equal(of("deny", "allow", "off"), "deny yanked");
  assert.equal(of("warn", "warn"), "allow yanked");
  const denied = judge('[floor]\nstatus.yanked = "deny"\n[default]\nstatus.yanked = "warn"', {
    artifact: { ...wheel, yanked: "broken" },
  });
  assert.deepEqual(
    denied.findings.map(({ severity }) => severity),
    ["error"],
  );
});

for (const word of ["archived", "deprecated"] as const) {
  test(`decide() refuses or warns of files of ${word} projects as floor and rule say, the stricter one winning`, () => {
    const of = (floor: string, rule: string, mode = "enforce") =>
      briefly(`[floor]\nstatus.${word} = "${floor}"\n[default]\nstatus.${word} = "${rule}"\nmode = "${mode}"`, {
        artifact: { ...wheel, projectStatus: word },
      });
    assert.equal(of("allow", "allow"), "allow");
    assert.equal(of("allow", "warn"), `allow project-${word}`);
    assert.equal(of("warn", "deny"), `deny project-${word}`);
    assert.equal(of("deny", "allow", "off"), `deny project-${word}`);
    assert.equal(briefly("", { artifact: { ...wheel, projectStatus: word } }), `allow project-${word}`, "by default");
    const other = word === "archived" ? "deprecated" : "archived";
    assert.equal(
      briefly(`[default]\nstatus.${word} = "deny"\nstatus.${other} = "allow"`, {
        artifact: { ...wheel, projectStatus: other },
      }),
      "allow",
    );
  });
}

test("decide() refuses what is quarantined under every mode, whatever is waived", () => {
  const quarantined = { artifact: { ...wheel, projectStatus: "quarantined" } } as const;
  for (const mode of ["enforce", "warn", "off"])
    assert.equal(briefly(`[default]\nmode = "${mode}"`, quarantined), "deny project-quarantined");
  assert.equal(brief(excepted("status", "", quarantined)), "deny project-quarantined");
  const subject = { ...subjectOf(quarantined), projectStatus: { status: "quarantined", reason: "malware" } };
  const [finding] = decide(defaultPolicy(), subject, [], now).findings;
  assert.equal(
    finding?.message,
    `Cannot admit "${wheel.filename}": the index has quarantined "demo": malware`,
    "known before the download",
  );
  const later = { ...subject, projectStatus: { status: "a later word" } };
  assert.equal(
    brief(decide(defaultPolicy(), later, evidenceOf({ ...quarantined, attestations: ["none"] }), now)),
    "allow",
  );
});

test("decide() takes files only from the sources of the rule, and knows it before the download", () => {
  const policy = (sources: string) =>
    parsePolicy(`version = 1\n[default]\nhashes = "any"\nsources = [${sources}]`, "p");
  const of = (sources: string, artifact: Situation["artifact"]) => {
    const given = { artifact: { ...wheel, ...artifact }, attestations: ["none"] as const };
    return brief(decide(policy(sources), subjectOf(given), evidenceOf(given), now));
  };
  const [home, pypi] = ['"https://INDEX.acme.example/simple"', '"https://pypi.org/simple/"'];
  const fromHome = { filename: wheel.filename, index: "https://user@index.acme.example/simple/" };
  assert.equal(of(home, fromHome), "allow");
  assert.equal(of(pypi, fromHome), "deny source-refused");
  assert.equal(of(`${pypi}, ${home}`, fromHome), "allow");
  assert.equal(of(home, { filename: wheel.filename }), "deny source-refused", "PyPI's");
  for (const origin of ["local", "links", "url"] as const) {
    assert.equal(of(home, { filename: wheel.filename, origin }), "deny source-refused", origin);
    assert.equal(
      of('"local"', { filename: wheel.filename, origin }),
      origin === "local" ? "allow" : "deny source-refused",
    );
  }
  const subject = subjectOf({ artifact: wheel });
  const early = decide(policy(home), subject, [], now);
  assert.equal(
    early.findings[0]?.message,
    `Cannot admit "${wheel.filename}": policy rule "default" takes it from https://index.acme.example/simple/, it is from https://pypi.org/simple/`,
  );
});

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
  const of = (...levels: (number | undefined)[]) =>
    brief(
      judge(rule, {
        attestations: levels.map((level, at) => ({
          slsa: at === 0 ? alice : bob,
          ...(level !== undefined && { build: { parameters: { level } } }),
        })),
      }),
    );
  assert.equal(of(2, 2), "allow");
  assert.equal(of(2, 3), "deny build-mismatch");
  assert.equal(of(2, undefined), "deny build-mismatch");
  assert.equal(of(2), "deny threshold-not-met");
  const one = `${signers}[default]\nattestation = "require"\nslsa = { signer = "alice", parameters = { level = 2 } }`;
  const two = [
    { slsa: alice, build: { parameters: { level: 3 } } },
    { slsa: alice, build: { parameters: { level: 2 } } },
  ];
  assert.equal(brief(judge(one, { attestations: two })), "allow", "another provenance beside it does no harm");
});

const ci = "https://ci.example.org/";
const passedAt = (at: string, by: Publisher | KeyId = aliceKey) =>
  ({ by, verifier: ci, result: "PASSED", at }) as const;
const failedAt = (at: string, by: Publisher | KeyId = aliceKey) => ({ ...passedAt(at, by), result: "FAILED" }) as const;

function summarized(demand: string, summaries: readonly CaseSummary[], mode = "enforce"): string {
  const rule = `${signers}${keys}[default]\nattestation = "ignore"\nsummary = { ${demand} }\nmode = "${mode}"`;
  return brief(judge(rule, { summaries }));
}

for (const [what, summaries, wanted] of [
  ["one that passed", [passedAt("2026-11-20")], "allow"],
  ["one twice", [passedAt("2026-11-20"), passedAt("2026-11-20")], "allow"],
  ["none", ["absent"], "deny summary-absent"],
  ["a file that cannot be read", ["unavailable"], "undecided evidence-unavailable"],
  ["one that passed beside a file that cannot be read", ["unavailable", passedAt("2026-11-20")], "allow"],
  ["one that failed", [failedAt("2026-11-20")], "deny summary-failed"],
  ["one that failed beside a file that cannot be read", ["unavailable", failedAt("2026-11-20")], "deny summary-failed"],
  ["one that failed before", [failedAt("2026-11-19"), passedAt("2026-11-20")], "allow"],
  ["one that failed later", [passedAt("2026-11-19"), failedAt("2026-11-20")], "deny summary-failed"],
  ["both at one time", [passedAt("2026-11-20"), failedAt("2026-11-20")], "deny summary-failed"],
  ["one by another key", [passedAt("2026-11-20", bobKey)], "deny summary-absent"],
  ["one that failed by another key", [passedAt("2026-11-20"), failedAt("2026-11-21", bobKey)], "allow"],
  [
    "one of another verifier",
    [{ ...passedAt("2026-11-20"), verifier: "https://ci.example.org" }],
    "deny summary-absent",
  ],
  ["one that is too old", [passedAt("2026-11-01")], "deny summary-too-old"],
  ["one of the future", [passedAt("2026-12-24")], "deny summary-too-old"],
] as const) {
  for (const [mode, outcome] of [
    ["enforce", wanted],
    ["warn", asWarning(wanted)],
    ["off", "allow"],
  ] as const) {
    test(`decide() with mode = "${mode}" and a summary asked for: ${what} gives ${outcome}`, () => {
      const demand = `signer = "alice-key", verifier = "${ci}", max-age = "P7D"`;
      assert.equal(summarized(demand, summaries, mode), outcome);
      assert.equal(summarized(demand, summaries.toReversed(), mode), outcome);
    });
  }
}

test("needsSummaries() is about rules that ask for one", () => {
  const asks = (rule: string) => needsSummaries(parsePolicy(`version = 1\n${keys}[default]\n${rule}`, "p").default);
  const summary = `summary = { signer = "alice-key", verifier = "${ci}" }`;
  assert.deepEqual([asks(""), asks(summary), asks(`mode = "off"\n${summary}`)], [false, true, false]);
});

test("decide() counts the parties that verified, by key or by identity", () => {
  const both = `group = "both", verifier = "${ci}"`;
  assert.equal(summarized(both, [passedAt("2026-11-20", alice), passedAt("2026-11-20", bob)]), "allow");
  assert.equal(summarized(both, [passedAt("2026-11-20", alice), passedAt("2026-11-21", alice)]), "deny summary-absent");
  assert.equal(summarized(both, [passedAt("2026-11-20", alice), failedAt("2026-11-20", bob)]), "deny summary-failed");
});

test("decide() takes a summary as old as max-age, and of a clock that is five minutes fast", () => {
  const demand = `signer = "alice-key", verifier = "${ci}", max-age = "P1D"`;
  const after = (milliseconds: number) =>
    summarized(demand, [passedAt(new Date(now.getTime() + milliseconds).toISOString())]);
  const [day, minute] = [86_400_000, 60_000];
  assert.equal(after(-day), "allow");
  assert.equal(after(-day - 1), "deny summary-too-old");
  assert.equal(after(5 * minute), "allow");
  assert.equal(after(5 * minute + 1), "deny summary-too-old");
});

test("decide() says who signed the summaries that do not count", () => {
  const words = (demand: string, summaries: readonly CaseSummary[]) => {
    const rule = `${signers}${keys}[default]\nattestation = "ignore"\nsummary = { ${demand}, verifier = "${ci}" }`;
    return judge(rule, { summaries }).findings[0]?.message.split(`as "${ci}", `)[1];
  };
  assert.equal(words('signer = "alice-key"', ["absent"]), "there is none");
  assert.equal(
    words('signer = "alice-key"', [passedAt("2026-11-20", bobKey)]),
    `those that are there are by key ${bobKey} as "${ci}"`,
  );
  assert.equal(
    words('signer = "alice-key"', [passedAt("2026-11-20", alice)]),
    `those that are there are by GitHub acme/alice (release.yml, refs/tags/v1.0) as "${ci}"`,
  );
  assert.equal(words('group = "both"', [passedAt("2026-11-20", alice)]), "too few of them signed");
});

test("decide() heeds a verifier that says no, also where an exception waives summaries", () => {
  const rule = `summary = { signer = "alice-key", verifier = "${ci}" }`;
  assert.equal(brief(excepted("summary", rule, { summaries: [failedAt("2026-11-20")] })), "deny summary-failed");
  assert.equal(brief(excepted("summary", rule, { summaries: ["unavailable"] })), "undecided evidence-unavailable");
  const before = decide(
    parsePolicy(`version = 1\n${keys}[default]\nattestation = "ignore"\n${rule}`, "p"),
    subjectOf({ artifact: wheel }),
    [],
    now,
  );
  assert.equal(before.decision, "undecided", "nobody has looked before the download");
});

test("decide() refuses what is on the deny list, whatever the mode", () => {
  const digest = "ab".repeat(32);
  const policy = `[floor]\ndeny = [{ name = "Demo", version = "<2" }, { sha256 = "${digest.toUpperCase()}" }]\n[default]\nmode = "off"`;
  assert.equal(briefly(policy), "deny denied-by-policy");
  assert.equal(briefly(policy, { artifact: { filename: "demo-2.0-py3-none-any.whl" } }), "allow");
  assert.equal(
    briefly(policy, { artifact: { filename: "demo-2.0-py3-none-any.whl", sha256: digest } }),
    "deny denied-by-policy",
  );
  assert.equal(briefly(policy, { artifact: { filename: "demon-1.0-py3-none-any.whl" } }), "allow");
});

test("decide() refuses everything once the policy has expired", () => {
  const policy = (expires: string) =>
    parsePolicy(`version = 1\nexpires = ${expires}\n[default]\nmode = "off"`, "policy.toml");
  const given = { artifact: wheel, attestations: [] };
  const at = (time: string) => decide(policy("2027-06-30"), subjectOf(given), evidenceOf(given), new Date(time));
  assert.equal(brief(at("2027-06-30T23:59:59.999Z")), "allow");
  assert.equal(brief(at("2027-07-01T00:00:00Z")), "deny policy-expired");
  assert.match(
    at("2028-01-01T00:00:00Z").findings[0]?.message ?? "",
    /the policy was good until 2027-06-30, today is 2028-01-01$/,
  );
});

test("decide() lets an inspector refuse and fail under every mode, and never vouch", () => {
  const problems = [{ id: "inspector-refused", message: "The scanner says no" }] as const;
  for (const mode of ["enforce", "warn", "off"]) {
    const policy = `[default]\nmode = "${mode}"`;
    assert.equal(
      briefly(policy, { more: [{ kind: "inspector", inspector: "scan", outcome: "invalid", problems }] }),
      "deny inspector-refused",
    );
    assert.equal(
      briefly(policy, { more: [{ kind: "inspector", inspector: "scan", outcome: "unavailable", reason: "no" }] }),
      "undecided evidence-unavailable",
    );
  }
});

test("decide() refuses invalid evidence that gives no reason", () => {
  const kinds = ["index-digest", "user-hash", "archive", "record", "attestation", "inspector"] as const;
  for (const kind of kinds) {
    const evidence = { kind, outcome: "invalid", problems: [], source: "somewhere", inspector: "scan" } as Evidence;
    assert.equal(judge("", { more: [evidence] }).decision, "deny", kind);
  }
});

test("decide() without evidence is final only when it denies", () => {
  const before = (text: string, artifact: PolicyCase["artifact"]) => {
    const { sha256: _, ...subject } = subjectOf({ artifact });
    return brief(decide(parsePolicy(`version = 1\n${text}`, "policy.toml"), subject, [], now));
  };
  assert.match(before("", wheel), /^undecided/);
  assert.match(before('[default]\nattestation = "require"\nhashes = "require"', wheel), /^undecided/);
  assert.equal(before("", sdist), "deny sdist-refused");
  assert.equal(before('[floor]\ndeny = [{ name = "demo" }]', wheel), "deny denied-by-policy");
  assert.match(
    before(`[floor]\ndeny = [{ sha256 = "${"ab".repeat(32)}" }]\n[default]\nmode = "off"`, sdist),
    /^undecided/,
  );
});

test("decide() gives warnings beside what it decides", () => {
  const yanked: PolicySubject = { ...subjectOf({ artifact: wheel }), yanked: "" };
  const evidence = evidenceOf({ artifact: wheel, attestations: ["invalid"] });
  const { findings } = decide(defaultPolicy(), yanked, evidence, now);
  assert.deepEqual(
    findings.map(({ id, severity }) => [id, severity]),
    [
      ["attestation-invalid", "error"],
      ["yanked", "warning"],
    ],
  );
});

test("defaultPolicyText writes out what is built in", () => {
  assert.deepEqual(parsePolicy(defaultPolicyText, "default"), parsePolicy("version = 1", "policy.toml"));
});
