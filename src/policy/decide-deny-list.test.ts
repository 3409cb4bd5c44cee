import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alice,
  aliceKey,
  briefly,
  byAlice,
  byBob,
  byStranger,
  judge,
  keys,
  now,
  type Situation,
  signers,
} from "../testing/policy-judging.ts";
import type { Publisher } from "../trust/publisher.ts";
import type { Evidence } from "../verdict/evidence.ts";
import { signerFor } from "./cases/case-evidence.ts";
import { predicateTypes } from "./condition.ts";

/** What is never admitted: files, releases and what denied signers signed. */

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

test("decide() refuses what a denied CircleCI pipeline signed, also in a job that somebody had a shell in", () => {
  const id = "12345678-1234-1234-1234-123456789abc";
  const ci: Publisher = { kind: "circleci", projectId: id, pipelineDefinitionId: id };
  const { kind, claims } = signerFor(ci);
  const seen = {
    kind: "attestation",
    outcome: "verified",
    predicateType: predicateTypes.publish,
    signer: { kind, claims: { ...claims, runnerEnvironment: "ssh-rerun" } },
    signedAt: now,
    source: "demo.provenance",
  } as const satisfies Evidence;
  const named = `[signers.ci]\nkind = "circleci"\nproject-id = "${id}"\npipeline-definition-id = "${id}"\n`;
  const situation = { attestations: [], more: [seen] };
  assert.equal(briefly(`${named}[floor]\ndeny = [{ signer = "ci" }]`, situation), "deny denied-by-policy");
  // Where it is asked for, such a job does not count.
  const asked = `${named}[default]\nattestation = "require"\npublish = { signer = "ci" }`;
  assert.equal(briefly(asked, situation), "deny signer-mismatch");
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
