import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAttestationDocument } from "../attestation/provenance.ts";
import { VerificationError } from "../attestation/verification.ts";
import { type VerifiedAttestation, verifyAttestation } from "../attestation/verify.ts";
import { digestOf } from "../distribution/digest.ts";
import { parseFilename } from "../distribution/filename.ts";
import { parseTrustedRoot } from "../trust/trusted-root.ts";
import { type AttestationObject, sigstoreBundle } from "./signing-authority/attestation.ts";
import type { Flaw } from "./signing-authority/flaw.ts";
import { type FlawName, flaws } from "./signing-authority/flaws.ts";
import { createSigningAuthority } from "./signing-authority.ts";
import type { TestPublisher } from "./trusted-publishers.ts";

const authority = createSigningAuthority();
const publisher: TestPublisher = { kind: "github", repository: "pypa/sampleproject", workflow: "release.yml" };
const bytes = Buffer.from("a wheel");
const file = { filename: parseFilename("sampleproject-4.0.0-py3-none-any.whl"), sha256: digestOf(bytes) };
const subject = { filename: file.filename.text, bytes, publisher };

for (const log of ["rekor-v1", "rekor-v2"] as const) {
  test(`verifyAttestation() and @sigstore/verify agree on what is logged in ${log}`, () => {
    const attestation = authority.attest({ ...subject, log });
    assert.equal(verify(attestation).signer.claims.sourceRepositoryUri, "https://github.com/pypa/sampleproject");
    assert.deepEqual(verify(sigstoreBundle(attestation)).signedAt, new Date("2025-06-01T12:00:03Z"));
  });
}

for (const [name, { check }] of Object.entries(flaws) as [FlawName, Flaw][]) {
  if (check === undefined) continue;
  test(`verifyAttestation() refuses the flaw "${name}" at the check "${check}"`, () => {
    const attestation = authority.attest({ ...subject, flaw: name });
    assert.throws(
      () => verify(attestation, authority.trustedRootWith(name)),
      (error) => error instanceof VerificationError && error.check === check,
    );
  });
}

function verify(
  document: AttestationObject | object,
  trustedRootJson = authority.trustedRootJson,
): VerifiedAttestation {
  const { bundles } = parseAttestationDocument(Buffer.from(JSON.stringify(document)), "document");
  const attestation = bundles[0]?.attestations[0];
  assert.ok(attestation);
  return verifyAttestation(attestation, file, parseTrustedRoot(trustedRootJson));
}
