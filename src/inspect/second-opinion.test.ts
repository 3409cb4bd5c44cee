import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseAttestationDocument } from "../attestation/provenance.ts";
import { verifyBundle } from "../attestation/verify.ts";
import { createSigningAuthority } from "../testing/signing-authority.ts";
import { embeddedTrustedRoot } from "../trust/embedded-trusted-root.ts";
import { parseTrustedRoot } from "../trust/trusted-root.ts";
import { createSecondOpinion } from "./second-opinion.ts";

function read(bytes: Uint8Array) {
  const [attestation] = parseAttestationDocument(bytes, "test").bundles.flatMap(({ attestations }) => attestations);
  assert.ok(attestation);
  return attestation;
}

function signerOf(attestation: ReturnType<typeof read>, trustedRootJson: string) {
  const { signedBy } = verifyBundle(attestation, parseTrustedRoot(trustedRootJson));
  assert.ok(signedBy.kind === "certificate");
  return signedBy.signer;
}

const real = readFileSync(
  new URL(
    "../../testdata/real/circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl.publish.attestation",
    import.meta.url,
  ),
);

test("@sigstore/verify agrees about a real attestation and about minted ones of both logs", () => {
  const authority = createSigningAuthority();
  const publisher = { kind: "github", repository: "acme/alice", workflow: "release.yml" } as const;
  const minted = (["rekor-v1", "rekor-v2"] as const).map((log) =>
    Buffer.from(
      JSON.stringify(authority.attest({ filename: "a-1-py3-none-any.whl", sha256: "0".repeat(64), publisher, log })),
    ),
  );
  for (const [bytes, root] of [
    [real, embeddedTrustedRoot] as const,
    ...minted.map((bytes) => [bytes, authority.trustedRootJson] as const),
  ]) {
    const attestation = read(bytes);
    assert.equal(createSecondOpinion(root)(attestation, signerOf(attestation, root)), undefined);
  }
});

test("a disagreement is said: another root, another signature, another identity", () => {
  const attestation = read(real);
  const signer = signerOf(attestation, embeddedTrustedRoot);
  const elsewhere = createSecondOpinion(createSigningAuthority().trustedRootJson);
  assert.match(elsewhere(attestation, signer) ?? "", /certificate|log|timestamp/i);

  const opinion = createSecondOpinion(embeddedTrustedRoot);
  const bent = { ...attestation, content: { ...attestation.content, signature: Buffer.alloc(64) } };
  assert.notEqual(opinion(bent, signer), undefined);
  const other = { ...signer, claims: { ...signer.claims, issuer: "https://example.org" } };
  assert.match(opinion(attestation, other) ?? "", /it reads the identity .*, tspip reads .*example\.org/);
});
