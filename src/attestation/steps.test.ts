import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "../distribution/digest.ts";
import { parseFilename } from "../distribution/filename.ts";
import { createSigningAuthority } from "../testing/signing-authority.ts";
import { parseTrustedRoot } from "../trust/trusted-root.ts";
import { parseAttestationDocument } from "./provenance.ts";
import type { Step } from "./verification.ts";
import { verifyAttestation } from "./verify.ts";

const filename = "sampleproject-4.0.0-py3-none-any.whl";
const bytes = Buffer.from("a wheel");
const file = { filename: parseFilename(filename), sha256: digestOf(bytes) };
const publisher = { kind: "github", repository: "pypa/sampleproject", workflow: "release.yml" } as const;
const authority = createSigningAuthority();
const trustedRoot = parseTrustedRoot(authority.trustedRootJson);

for (const [log, time] of [
  ["rekor-v1", "signed-entry-timestamp"],
  ["rekor-v2", "timestamp"],
] as const) {
  test(`verifyAttestation() writes down each check that an attestation in ${log} passes, in order`, () => {
    const steps: Step[] = [];
    verifyAttestation(attested(log), file, trustedRoot, { steps });
    assert.deepEqual(
      steps.map(({ check }) => check),
      [
        time,
        "certificate-chain",
        "certificate",
        "certificate-timestamp",
        "signature",
        "inclusion-proof",
        "checkpoint",
        "log-entry",
        "subject",
        "predicate",
      ],
    );
    assert.equal(steps.find(({ check }) => check === "subject")?.detail, `"${filename}", sha256 ${file.sha256}`);
  });
}

test("verifyAttestation() refuses a time of signing that lies in the future", () => {
  const { signedAt } = verifyAttestation(attested("rekor-v1"), file, trustedRoot);
  const at = (seconds: number) => ({ now: new Date(signedAt.getTime() + seconds * 1000) });
  verifyAttestation(attested("rekor-v1"), file, trustedRoot, at(-240));
  assert.throws(() => verifyAttestation(attested("rekor-v1"), file, trustedRoot, at(-360)), {
    check: "timestamp",
  });
});

function attested(log: "rekor-v1" | "rekor-v2") {
  const document = authority.attest({ filename, bytes, publisher, log });
  const [bundle] = parseAttestationDocument(Buffer.from(JSON.stringify(document)), "test").bundles;
  assert.ok(bundle?.attestations[0]);
  return bundle.attestations[0];
}
