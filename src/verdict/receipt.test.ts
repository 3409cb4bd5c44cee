import assert from "node:assert/strict";
import { test } from "node:test";
import { formatReceipt, parseReceipt, type Receipt } from "./receipt.ts";

const receipt: Receipt = {
  schema: "tspip-receipt/1",
  tool: "tspip 0.1.0",
  artifact: {
    filename: "demo-1-py3-none-any.whl",
    url: "https://files.example/demo",
    size: 3,
    hashes: { sha256: "00" },
  },
  verdict: { rule: "default", policy: "11" },
  attestations: [
    {
      predicateType: "publish",
      signer: { kind: "github", repository: "a/b" },
      signedAt: "2026-01-01T00:00:00Z",
      logIndex: "1",
    },
  ],
};

test("parseReceipt() reads what formatReceipt() writes", () => {
  assert.deepEqual(parseReceipt(formatReceipt(receipt)), receipt);
});

test("parseReceipt() takes nothing that lacks a part or has one of another type", () => {
  const [attestation] = receipt.attestations;
  const broken: unknown[] = [
    null,
    [],
    "text",
    { ...receipt, schema: "tspip-receipt/2" },
    { ...receipt, tool: undefined },
    { ...receipt, artifact: null },
    { ...receipt, artifact: { ...receipt.artifact, hashes: null } },
    { ...receipt, artifact: { ...receipt.artifact, hashes: { sha256: 1 } } },
    { ...receipt, artifact: { ...receipt.artifact, size: "3" } },
    { ...receipt, verdict: { rule: "default" } },
    { ...receipt, attestations: {} },
    { ...receipt, attestations: [null] },
    { ...receipt, signatures: [{ key: 1, form: "detached" }] },
    { ...receipt, attestations: [{ ...attestation, signer: null }] },
    { ...receipt, attestations: [{ ...attestation, signer: {} }] },
    { ...receipt, attestations: [{ ...attestation, signer: { kind: "github", ref: 1 } }] },
    { ...receipt, attestations: [{ ...attestation, logIndex: 1 }] },
  ];
  for (const value of broken) assert.equal(parseReceipt(JSON.stringify(value)), undefined, JSON.stringify(value));
  assert.equal(parseReceipt("{"), undefined);
});
