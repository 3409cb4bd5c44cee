import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alice,
  asWarning,
  bob,
  bobKey,
  briefly,
  byAlice,
  byBob,
  byStranger,
  judge,
  keys,
  signers,
  strangerKey,
  wheel,
} from "../testing/policy-judging.ts";
import { subjectOf } from "./cases/case-evidence.ts";
import type { CaseAttestation, CaseSignature, PolicyCase } from "./cases/policy-case.ts";
import { needsAttestations, needsSignatures } from "./condition.ts";
import { parsePolicy } from "./parse.ts";

/** What a rule makes of signatures by keys, and of keys and identities that vouch together. */

/** What can be seen of signatures, and what `signatures` and `vouch` make of it, for alice's key. */
const signatureTable: readonly (readonly [CaseSignature, string, string])[] = [
  ["absent", "deny signature-absent", "deny threshold-not-met"],
  ["invalid", "deny signature-invalid", "deny threshold-not-met signature-invalid"],
  ["unavailable", "undecided evidence-unavailable", "undecided evidence-unavailable"],
  [{ key: "ed25519:ZqaHSxaTrimbHDE4U5ToZcWIcmNeySoY2yNFmy7lKGI" }, "deny signer-mismatch", "deny threshold-not-met"],
  [{ key: "ed25519:tHrL1HxVS-H9BcXIRSgTbYbOA7oD0Uedo5WP9JiD_d8" }, "allow", "allow"],
];

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
