import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArtifactRef } from "../distribution/artifact.ts";
import { digestOf } from "../distribution/digest.ts";
import { parseFilename } from "../distribution/filename.ts";
import { rememberMetadata } from "./metadata-memory.ts";

const filename = parseFilename("demo-1.0-py3-none-any.whl");
const ref: ArtifactRef = {
  filename,
  url: new URL(`https://files.example/${filename.text}`),
  digests: { sha256: "ab".repeat(32) },
  source: { kind: "index", url: new URL("https://index.example/simple/") },
  provenance: "unknown",
};

function setStage() {
  const stored = new Map<string, Buffer>();
  let asked = 0;
  const store = {
    get: (name: string) => stored.get(name),
    set: async (name: string, bytes: Buffer) => void stored.set(name, bytes),
  };
  const client = { coreMetadata: async (_: ArtifactRef) => Buffer.from(`Name: demo\n${++asked}`) };
  return { asked: () => asked, client: rememberMetadata(client, store) };
}

test("METADATA of the same file is asked for once", async () => {
  const { client, asked } = setStage();
  for (const _ of [1, 2]) assert.equal(String(await client.coreMetadata(ref)), "Name: demo\n1");
  assert.equal(asked(), 1);
});

test("METADATA is asked for again where the index promises another, another file, or none", async () => {
  const { client, asked } = setStage();
  await client.coreMetadata(ref);
  const first = digestOf(Buffer.from("Name: demo\n1"));
  await client.coreMetadata({ ...ref, coreMetadata: { sha256: first } });
  assert.equal(asked(), 1);
  await client.coreMetadata({ ...ref, coreMetadata: { sha256: "cd".repeat(32) } });
  await client.coreMetadata({ ...ref, digests: { sha256: "ef".repeat(32) } });
  await client.coreMetadata({ ...ref, digests: {} });
  await client.coreMetadata({ ...ref, digests: {} });
  assert.equal(asked(), 5);
});
