import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFilename } from "../distribution/filename.ts";
import { readCases } from "../testing/case.ts";
import { mintCase } from "../testing/mint-case.ts";
import { createSigningAuthority } from "../testing/signing-authority.ts";
import type { DocumentFile } from "./document-source.ts";
import { verifierBeside, verifierHere } from "./verifier.ts";

const authority = createSigningAuthority();
const file = { filename: parseFilename("sampleproject-4.0.0-py3-none-any.whl"), sha256: "5e".repeat(32) };
const cases = readCases(new URL("../../testdata/verify/", import.meta.url));

test("a thread beside sees what is seen here: the same evidence, step by step, for every case", async () => {
  const found = cases.map((testCase) => {
    const { provenance } = mintCase(testCase, authority, { filename: file.filename.text, sha256: file.sha256 });
    return { file, documents: [document(testCase.name, provenance)] };
  });
  found.push({ file, documents: [document("none", "{}"), ...(found[0]?.documents ?? []), document("no JSON", "{{")] });
  const trust = { trustedRoot: { text: authority.trustedRootJson }, now: new Date(), explain: true };
  await using here = verifierHere(trust);
  await using beside = verifierBeside(trust);
  const outcomes = new Set<string>();
  // Often enough that both have their share.
  for (const one of found) {
    const expected = await here.verify(one);
    const answers = await Promise.all(Array.from({ length: 8 }, () => beside.verify(one)));
    for (const answer of answers) assert.deepStrictEqual(answer, expected);
    for (const { outcome } of expected) outcomes.add(outcome);
  }
  assert.ok(outcomes.has("verified") && outcomes.has("invalid"), [...outcomes].join());
});

function document(place: string, text: string): DocumentFile {
  return { bytes: Buffer.from(text), place };
}
