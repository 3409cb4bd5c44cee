import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "../distribution/digest.ts";
import { parseFilename } from "../distribution/filename.ts";
import { readCases } from "../testing/case.ts";
import { mintCase } from "../testing/mint-case.ts";
import { createSigningAuthority } from "../testing/signing-authority.ts";
import { parseTrustedRoot } from "../trust/trusted-root.ts";
import type { DocumentFile } from "./document-source.ts";
import { createVerifier } from "./verifier.ts";
import { verifyDocuments } from "./verify-document.ts";

const authority = createSigningAuthority();
const file = { filename: parseFilename("sampleproject-4.0.0-py3-none-any.whl"), sha256: "5e".repeat(32) };
const cases = readCases(new URL("../../testdata/verify/", import.meta.url));
const context = { trustedRoot: parseTrustedRoot(authority.trustedRootJson), now: new Date(), explain: true };

test("signatures that are looked at meanwhile change nothing: the same evidence, step by step, for every case", async () => {
  const found = cases.map((testCase) => {
    const { provenance } = mintCase(testCase, authority, { filename: file.filename.text, sha256: file.sha256 });
    return { file, documents: [document(testCase.name, provenance)] };
  });
  found.push({ file, documents: [document("none", "{}"), ...(found[0]?.documents ?? []), document("no JSON", "{{")] });
  const verify = createVerifier(context);
  const inOrder = found.map((one) => verifyDocuments(one, context));
  assert.deepStrictEqual(await Promise.all(found.map(verify)), inOrder);
  const outcomes = new Set(inOrder.flat().map(({ outcome }) => outcome));
  assert.ok(outcomes.has("verified") && outcomes.has("invalid"), [...outcomes].join());
});

test("an authority and a log under two keys are known by the one that holds, whichever the trusted root names first", async () => {
  const root = JSON.parse(authority.trustedRootJson);
  const another = JSON.parse(createSigningAuthority().trustedRootJson);
  const twice = (name: string, change: (own: object, other: object) => object) =>
    root[name].flatMap((own: object, at: number) => [change(own, another[name][at]), own]);
  const trustedRootJson = JSON.stringify({
    ...root,
    certificateAuthorities: twice("certificateAuthorities", (_, other) => other),
    ctlogs: twice("ctlogs", (own, other) => ({ ...own, ...("publicKey" in other && { publicKey: other.publicKey }) })),
  });
  const verify = createVerifier({ ...context, trustedRoot: parseTrustedRoot(trustedRootJson) });
  const bytes = Buffer.from("a wheel");
  const publisher = { kind: "github", repository: "acme/demo", workflow: "release.yml" } as const;
  const attestation = authority.attest({ filename: file.filename.text, bytes, publisher });
  const [evidence] = await verify({
    file: { ...file, sha256: digestOf(bytes) },
    documents: [document("attestation", JSON.stringify(attestation))],
  });
  assert.equal(evidence?.outcome, "verified", JSON.stringify(evidence));
});

function document(place: string, text: string): DocumentFile {
  return { bytes: Buffer.from(text), place };
}
