import type { AttestationObject } from "../attestation.ts";
import type { Flaw } from "../flaw.ts";
import type { InclusionProof, TransparencyEntry } from "../transparency-log.ts";

/** A log entry that is not there, not the log's, or not about this attestation. */
export const logFlaws = {
  "no-entry": {
    because: "there is no log entry (PEP 740: at least one)",
    finding: "attestation-invalid",
    check: "log-entry",
    sigstore: "expected 1 timestamps, got 0",
    attestation: (attestation) => withEntries(attestation, []),
  },
  "no-inclusion-proof": {
    because: "the log entry has only a promise, and no proof that it was kept (Rekor: inclusion proof)",
    finding: "attestation-invalid",
    check: "inclusion-proof",
    sigstore: "invalid bundle",
    attestation: (attestation) => withEntry(attestation, ({ inclusionProof: _, ...entry }) => entry),
  },
  "no-checkpoint": {
    because: "the inclusion proof has no checkpoint, so its root is anybody's (Rekor: checkpoint)",
    finding: "attestation-invalid",
    check: "checkpoint",
    sigstore: "invalid bundle",
    attestation: (attestation) => withProof(attestation, ({ checkpoint: _, ...proof }) => proof),
  },
  "no-promise": {
    because: "nobody signed the integrated time (CVE-2026-48816: sigstore-js took it unsigned)",
    finding: "attestation-invalid",
    check: "timestamp",
    sigstore: "expected 1 timestamps, got 0",
    attestation: (attestation) => withEntry(attestation, ({ inclusionPromise: _, ...entry }) => entry),
  },
  "set-wrong-key": {
    because: "the signed entry timestamp is by a key that is not the log's",
    finding: "attestation-invalid",
    check: "signed-entry-timestamp",
    sigstore: "inclusion promise could not be verified",
    entry: (entry) => ({ ...entry, promisedBy: "stranger" }),
  },
  "tampered-integrated-time": {
    because: "the log signed another time: the certificate had expired, and the time was moved back afterwards",
    finding: "attestation-invalid",
    check: "signed-entry-timestamp",
    sigstore: "inclusion promise could not be verified",
    entry: (entry) => ({ ...entry, time: new Date(entry.time.getTime() + 3_600_000) }),
    attestation: (attestation) =>
      withEntry(attestation, (entry) => ({ ...entry, integratedTime: String(Number(entry.integratedTime) - 3600) })),
  },
  "tampered-log-index": {
    because: "the log signed another index than the entry shows",
    finding: "attestation-invalid",
    check: "signed-entry-timestamp",
    sigstore: "inclusion promise could not be verified",
    attestation: (attestation) => withEntry(attestation, (entry) => ({ ...entry, logIndex: `1${entry.logIndex}` })),
  },
  "tampered-inclusion-proof": {
    because: "one hash of the inclusion proof is altered, so that it leads to another root (RFC 6962, 2.1.1)",
    finding: "attestation-invalid",
    check: "inclusion-proof",
    sigstore: "calculated root hash does not match inclusion proof",
    attestation: (attestation) =>
      withProof(attestation, (proof) => ({
        ...proof,
        hashes: [Buffer.alloc(32).toString("base64"), ...proof.hashes.slice(1)],
      })),
  },
  "tampered-root": {
    because: "the checkpoint's root is edited after signing, and the proof's to match",
    finding: "attestation-invalid",
    check: "inclusion-proof",
    sigstore: "invalid checkpoint signature",
    attestation: (attestation) =>
      withProof(attestation, (proof) => {
        const rootHash = Buffer.alloc(32, 1).toString("base64");
        return { ...withCheckpoint(proof, (envelope) => envelope.replace(proof.rootHash, rootHash)), rootHash };
      }),
  },
  "tampered-checkpoint": {
    because: "the checkpoint got another line after it was signed, under the same size and root",
    finding: "attestation-invalid",
    check: "checkpoint",
    sigstore: "invalid checkpoint signature",
    attestation: (attestation) =>
      withProof(attestation, (proof) => withCheckpoint(proof, (envelope) => envelope.replace("\n\n", "\nextra\n\n"))),
  },
  "checkpoint-by-stranger": {
    because: "the checkpoint is signed by a key that is not the log's",
    finding: "attestation-invalid",
    check: "checkpoint",
    sigstore: "invalid checkpoint signature",
    entry: (entry) => ({ ...entry, checkpointBy: "stranger" }),
  },
  "checkpoint-size": {
    because: "the proof is about a smaller tree than the log's checkpoint, although it leads to the same root",
    finding: "attestation-invalid",
    check: "checkpoint",
    attestation: (attestation) =>
      withProof(attestation, (proof) => ({ ...proof, treeSize: String(Number(proof.treeSize) - 1) })),
  },
  "checkpoint-origin": {
    because: "the checkpoint is that of another log by its first line (c2sp.org/tlog-checkpoint: origin)",
    finding: "attestation-invalid",
    check: "checkpoint",
    entry: (entry) => ({ ...entry, checkpointOrigin: "another.tspip.test - 1" }),
  },
  "another-entry": {
    because: "the log entry is a good one about another attestation (CVE-2026-22703: cosign did not bind the two)",
    finding: "attestation-invalid",
    check: "log-entry",
    sigstore: "tlog entry signature mismatch",
    attestation: (attestation, another) => withEntries(attestation, entriesOf(another)),
  },
  "entry-of-another-statement": {
    because: "the entry in the log has the payload hash of another statement",
    finding: "attestation-invalid",
    check: "log-entry",
    sigstore: "DSSE payload hash mismatch",
    logged: (entry, another) => ({ ...entry, payloadSha256: another.payloadSha256 }),
  },
  "entry-of-another-signature": {
    because: "the entry in the log has the signature over another statement",
    finding: "attestation-invalid",
    check: "log-entry",
    sigstore: "tlog entry signature mismatch",
    logged: (entry, another) => ({ ...entry, signature: another.signature }),
  },
  "entry-of-another-certificate": {
    because: "the entry in the log names the certificate of another signer",
    finding: "attestation-invalid",
    check: "log-entry",
    logged: (entry, another) => ({ ...entry, certificate: another.certificate }),
  },
  "entry-kind": {
    because: "the entry says that it is of another kind than its body",
    finding: "attestation-invalid",
    check: "log-entry",
    sigstore: "kind/version mismatch - expected: hashedrekord/0.0.1, received: dsse/0.0.1",
    attestation: (attestation) =>
      withEntry(attestation, (entry) => ({ ...entry, kindVersion: { kind: "hashedrekord", version: "0.0.1" } })),
  },
  "second-entry-bad": {
    because: "the first entry is good and the second is about another attestation: every entry has to be good",
    finding: "attestation-invalid",
    check: "log-entry",
    sigstore: "tlog entry signature mismatch",
    attestation: (attestation, another) => withEntries(attestation, [...entriesOf(attestation), ...entriesOf(another)]),
  },
} as const satisfies Record<string, Flaw>;

function entriesOf(attestation: AttestationObject): readonly TransparencyEntry[] {
  return attestation.verification_material.transparency_entries;
}

function withEntries(attestation: AttestationObject, entries: readonly TransparencyEntry[]): AttestationObject {
  return {
    ...attestation,
    verification_material: { ...attestation.verification_material, transparency_entries: entries },
  };
}

function withEntry(
  attestation: AttestationObject,
  change: (entry: TransparencyEntry) => TransparencyEntry,
): AttestationObject {
  return withEntries(attestation, entriesOf(attestation).map(change));
}

function withProof(
  attestation: AttestationObject,
  change: (proof: InclusionProof) => InclusionProof,
): AttestationObject {
  return withEntry(attestation, (entry) => ({
    ...entry,
    ...(entry.inclusionProof && { inclusionProof: change(entry.inclusionProof) }),
  }));
}

function withCheckpoint(proof: InclusionProof, change: (envelope: string) => string): InclusionProof {
  return { ...proof, ...(proof.checkpoint && { checkpoint: { envelope: change(proof.checkpoint.envelope) } }) };
}
