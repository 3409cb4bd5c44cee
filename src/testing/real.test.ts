import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parseAttestationDocument } from "../attestation/provenance.ts";
import { checkPublisherClaim } from "../attestation/publisher-claim.ts";
import { verifyAttestation } from "../attestation/verify.ts";
import { digestOf } from "../distribution/digest.ts";
import { parseFilename } from "../distribution/filename.ts";
import { embeddedTrustedRoot } from "../trust/embedded-trusted-root.ts";
import { parseTrustedRoot } from "../trust/trusted-root.ts";

const folder = new URL("../../testdata/real/", import.meta.url);
const trustedRoot = parseTrustedRoot(embeddedTrustedRoot);

test("the files in testdata/real are those that SHA256SUMS lists, and no others", () => {
  const about = ["README.md", "SHA256SUMS"];
  const files = readdirSync(folder).filter((name) => !about.includes(name));
  const sums = files.map((name) => `${digestOf(read(name))}  ${name}`);
  assert.deepEqual(sums.sort(), read("SHA256SUMS").toString().trimEnd().split("\n").sort());
});

const circleci = "circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl";
const pypiAttestations = "pypi_attestations-0.0.19.tar.gz";
for (const [artifact, suffix, kind, logIndex] of [
  [circleci, ".provenance", "circleci", "920610516"],
  [circleci, ".publish.attestation", "circleci", "920610516"],
  ["gcb_attestation_test-0.0.0.tar.gz", ".provenance", "google", "200170367"],
  ["gitlab_oidc_project-0.0.3.tar.gz", ".publish.attestation", "gitlab", "149945774"],
  ["pypi_attestation_models-0.0.4a2.tar.gz", ".sigstore", "github", "101487427"],
  [pypiAttestations, ".provenance", "github", "153454663"],
  [pypiAttestations, ".publish.attestation", "github", "153454663"],
  [pypiAttestations, ".slsa.attestation", "github", "153454647"],
] as const) {
  test(`${artifact}${suffix} verifies under the embedded trusted root`, () => {
    const { signer, logIndex: found } = verify(artifact, suffix);
    assert.deepEqual([signer.kind, found], [kind, logIndex]);
  });
}

test("an attestation by Sigstore's staging instance does not verify under the embedded trusted root", () => {
  assert.throws(() => verify("rfc8785-0.1.2-py3-none-any.whl", ".publish.attestation"), {
    code: "attestation-invalid",
  });
});

function verify(artifact: string, suffix: string) {
  const { bundles } = parseAttestationDocument(read(artifact + suffix), artifact + suffix);
  const [bundle, ...others] = bundles;
  const attestation = bundle?.attestations[0];
  assert.ok(attestation !== undefined && others.length === 0 && bundle?.attestations.length === 1);
  const file = { filename: parseFilename(artifact), sha256: digestOf(read(artifact)) };
  const verified = verifyAttestation(attestation, file, trustedRoot);
  if (bundle.publisher !== undefined) checkPublisherClaim(bundle.publisher, verified.signer);
  return verified;
}

function read(name: string): Buffer {
  return readFileSync(new URL(name, folder));
}
