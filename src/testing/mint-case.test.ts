import assert from "node:assert/strict";
import { test } from "node:test";
import { readCases, readText } from "./case.ts";
import { mintCase } from "./mint-case.ts";
import type { ProvenanceObject } from "./signing-authority/attestation.ts";
import type { Flaw } from "./signing-authority/flaw.ts";
import { flaws } from "./signing-authority/flaws.ts";
import { createSigningAuthority } from "./signing-authority.ts";
import { sigstoreRefusal } from "./sigstore-opinion.ts";

const cases = readCases(new URL("../../testdata/verify/", import.meta.url));
const authority = createSigningAuthority();
const artifact = { filename: "sampleproject-4.0.0-py3-none-any.whl", sha256: "ab".repeat(32) };

test("every flaw has its case, which expects the flaw's finding", () => {
  for (const [name, flaw] of Object.entries<Flaw>(flaws)) {
    const testCase = cases.find((candidate) => candidate.name === `${name}_fail`);
    assert.ok(testCase, `testdata/verify/${name}_fail is missing`);
    assert.equal(readText(testCase, "flaw"), name);
    assert.equal(testCase.expect, flaw.finding, name);
  }
});

for (const testCase of cases.filter(({ expect }) => expect === undefined)) {
  test(`what mintCase() makes of ${testCase.name} verifies`, () => {
    const minted = mintCase(testCase, authority, artifact);
    const provenance: ProvenanceObject = JSON.parse(minted.provenance);
    for (const attestation of provenance.attestation_bundles.flatMap((bundle) => bundle.attestations)) {
      assert.equal(sigstoreRefusal(attestation, minted.trustedRootJson), undefined);
    }
  });
}

test("mintCase() bends the first attestation only", () => {
  const testCase = cases.find(({ name }) => name === "one-of-two-invalid_fail");
  assert.ok(testCase);
  const minted = mintCase(testCase, authority, artifact);
  const provenance: ProvenanceObject = JSON.parse(minted.provenance);
  const opinions = provenance.attestation_bundles[0]?.attestations.map((attestation) =>
    sigstoreRefusal(attestation, minted.trustedRootJson),
  );
  assert.deepEqual(opinions, [flaws["tampered-signature"].sigstore, undefined]);
});

test("mintCase() bends the trusted root of a case whose flaw is there", () => {
  const testCase = cases.find(({ name }) => name === "log-retired_fail");
  assert.ok(testCase);
  assert.notEqual(mintCase(testCase, authority, artifact).trustedRootJson, authority.trustedRootJson);
});
