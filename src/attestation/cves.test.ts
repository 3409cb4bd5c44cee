import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "../distribution/digest.ts";
import { parseFilename } from "../distribution/filename.ts";
import type { AttestationObject } from "../testing/signing-authority/attestation.ts";
import type { TransparencyEntry } from "../testing/signing-authority/transparency-log.ts";
import { createSigningAuthority } from "../testing/signing-authority.ts";
import { parseTrustedRoot } from "../trust/trusted-root.ts";
import { parseAttestationDocument } from "./provenance.ts";
import { verifyAttestation } from "./verify.ts";

/** Mistakes that other verifiers of Sigstore's bundles made, and the check that keeps each out of ours. */

const filename = "sampleproject-4.0.0-py3-none-any.whl";
const bytes = Buffer.from("a wheel");
const file = { filename: parseFilename(filename), sha256: digestOf(bytes) };
const publisher = { kind: "github", repository: "pypa/sampleproject", workflow: "release.yml" } as const;
const authority = createSigningAuthority();
const trustedRoot = parseTrustedRoot(authority.trustedRootJson);
const good = authority.attest({ filename, bytes, publisher });

test("CVE-2026-48816, CVE-2024-55655: a time in the entry that no promise covers counts for nothing", () => {
  const unpromised = withEntries(good, ({ inclusionPromise: _, ...entry }) => [entry]);
  assert.throws(() => verify(unpromised), { check: "timestamp" });
});

test("CVE-2026-48816: such a time does not help a signature whose timestamp is too late", () => {
  const late = authority.attest({ filename, bytes, publisher, flaw: "timestamp-late" });
  const entries = withEntries(late, (entry) => [
    { ...entry, integratedTime: String(Date.parse("2025-06-01T12:00:03Z") / 1000) },
  ]);
  assert.throws(() => verify(entries), { check: "certificate-chain" });
});

test("CVE-2024-55655: a promise for another time does not verify", () => {
  const moved = withEntries(good, (entry) => [{ ...entry, integratedTime: String(Number(entry.integratedTime) + 60) }]);
  assert.throws(() => verify(moved), { check: "signed-entry-timestamp" });
});

test("CVE-2024-54140: a checkpoint whose signature does not verify is refused, although the promise does", () => {
  const bent = withEntries(good, (entry) => [
    { ...entry, inclusionProof: { ...proofOf(entry), checkpoint: { envelope: withBrokenSignature(entry) } } },
  ]);
  assert.throws(() => verify(bent), { check: "checkpoint" });
});

test("CVE-2026-22703, CVE-2022-36056: a valid entry about something else does not stand for ours", () => {
  const other = authority.attest({
    filename: "another-1.0-py3-none-any.whl",
    bytes: Buffer.from("another"),
    publisher,
  });
  const borrowed = withEntries(good, () => other.verification_material.transparency_entries);
  assert.throws(() => verify(borrowed), { check: "log-entry", message: "Log entry is about other content" });
});

test("CVE-2026-22703: one good entry does not cover for another beside it", () => {
  const other = authority.attest({ filename, bytes, publisher });
  const both = withEntries(good, (entry) => [entry, ...other.verification_material.transparency_entries]);
  assert.throws(() => verify(both), { check: "log-entry" });
});

test("CVE-2024-45395: more entries, hashes or bytes than anybody needs are refused unread", () => {
  const many = withEntries(good, (entry) => Array.from({ length: 33 }, () => entry));
  assert.throws(() => verify(many), { code: "attestation-unreadable", message: /limit is 32$/ });

  const hashes = Array.from({ length: 100_000 }, () => Buffer.alloc(32).toString("base64"));
  const deep = withEntries(good, (entry) => [{ ...entry, inclusionProof: { ...proofOf(entry), hashes } }]);
  assert.throws(() => verify(deep), { code: "attestation-unreadable", message: /limit is 64$/ });

  const statement = Buffer.alloc(2 << 20).toString("base64");
  const large = { ...good, envelope: { ...good.envelope, statement } };
  assert.throws(() => verify(large), { code: "attestation-unreadable", message: /limit is 1048576$/ });
});

test("the same entry twice is refused", () => {
  assert.throws(() => verify(withEntries(good, (entry) => [entry, entry])), { check: "log-entry" });
});

function verify(attestation: AttestationObject): void {
  const [bundle] = parseAttestationDocument(Buffer.from(JSON.stringify(attestation)), "test").bundles;
  assert.ok(bundle?.attestations[0]);
  verifyAttestation(bundle.attestations[0], file, trustedRoot);
}

function withEntries(
  attestation: AttestationObject,
  change: (entry: TransparencyEntry) => readonly TransparencyEntry[],
): AttestationObject {
  const material = attestation.verification_material;
  return {
    ...attestation,
    verification_material: { ...material, transparency_entries: material.transparency_entries.flatMap(change) },
  };
}

function proofOf({ inclusionProof }: TransparencyEntry): NonNullable<TransparencyEntry["inclusionProof"]> {
  assert.ok(inclusionProof);
  return inclusionProof;
}

/** The log's signature line with the last byte of the signature changed. */
function withBrokenSignature(entry: TransparencyEntry): string {
  const envelope = proofOf(entry).checkpoint?.envelope ?? "";
  return envelope.replace(/(\S+)\n$/, (_, base64: string) => {
    const signature = Buffer.from(base64, "base64");
    signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
    return `${signature.toString("base64")}\n`;
  });
}
