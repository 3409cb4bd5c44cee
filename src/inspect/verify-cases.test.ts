import assert from "node:assert/strict";
import { test } from "node:test";
import type { Artifact } from "../distribution/artifact.ts";
import { parseFilename } from "../distribution/filename.ts";
import { decide } from "../policy/decide.ts";
import { parsePolicy } from "../policy/parse.ts";
import { readCases } from "../testing/case.ts";
import { type MintedCase, mintCase } from "../testing/mint-case.ts";
import { createSigningAuthority } from "../testing/signing-authority.ts";
import { parseTrustedRoot } from "../trust/trusted-root.ts";
import type { Evidence } from "../verdict/evidence.ts";
import type { Verdict } from "../verdict/verdict.ts";
import type { DocumentSource } from "./document-source.ts";
import { attestationInspector } from "./inspectors/attestation.ts";

/** Every case of testdata/verify through inspector and policy; the command line has its own test with the same cases. */
const authority = createSigningAuthority();
const filename = parseFilename("sampleproject-4.0.0-py3-none-any.whl");
const sha256 = "5e".repeat(32);

for (const testCase of readCases(new URL("../../testdata/verify/", import.meta.url))) {
  test(`${testCase.name}: ${testCase.expect ?? "admitted"}`, async () => {
    const { decision, findings } = await judge(mintCase(testCase, authority, { filename: filename.text, sha256 }));
    const messages = findings.map(({ id, message }) => `${id}: ${message}`).join("\n");
    assert.equal(decision, testCase.expect === undefined ? "allow" : "deny", messages);
    assert.equal(findings[0]?.id, testCase.expect, messages);
  });
}

async function judge({ provenance, trustedRootJson, policy }: MintedCase): Promise<Verdict> {
  const source: DocumentSource = {
    find: async () => ({ state: "found", documents: [{ bytes: Buffer.from(provenance), place: "provenance" }] }),
  };
  const inspector = attestationInspector({
    sources: [source],
    trustedRoot: async () => parseTrustedRoot(trustedRootJson),
    keepDocuments: false,
    isWanted: () => true,
    now: new Date(),
    explain: false,
  });
  const evidence: readonly Evidence[] = [
    { kind: "archive", outcome: "verified", notices: [] },
    { kind: "record", outcome: "verified", files: 1 },
    ...((await inspector.pre_extract?.(artifact())) ?? []),
  ];
  const { name, version, kind, text } = filename;
  const subject = { name, version, kind, origin: "local", relation: "direct", filename: text, sha256 } as const;
  return decide(parsePolicy(policy, "policy.toml"), subject, evidence, new Date("2026-06-01T00:00:00Z"));
}

/** The inspector compares names and digests; it does not read the bytes. */
function artifact(): Artifact {
  const url = new URL(`file:///${filename.text}`);
  return {
    ref: { filename, url, digests: {}, source: { kind: "direct" }, provenance: "unknown" },
    path: `/${filename.text}`,
    digests: { sha256 },
    size: 0,
    bytes: { size: 0, read: () => assert.fail("the bytes were read") },
    shared: { kind: "memory", bytes: Buffer.alloc(0) },
    close: async () => {},
  };
}
