import assert from "node:assert/strict";
import { test } from "node:test";
import { createMerkleTree, type MerkleTree } from "./merkle-tree.ts";

/** The test vectors of the Certificate Transparency project for RFC 6962 trees. */
const entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

test("root() is the Merkle tree hash of RFC 6962", () => {
  assert.equal(
    createMerkleTree().root().toString("hex"),
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
  assert.equal(treeOf(1).root().toString("hex"), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  assert.equal(treeOf(3).root().toString("hex"), "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
  assert.equal(treeOf(8).root().toString("hex"), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
});

test("inclusionPath() is the audit path of RFC 6962", () => {
  assert.deepEqual(pathOf(3, 2), ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]);
  assert.deepEqual(pathOf(8, 0), [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
  ]);
});

test("roots do not depend on what was asked before", () => {
  const asked = createMerkleTree();
  for (const entry of entries) {
    asked.append(Buffer.from(entry, "hex"));
    asked.root();
  }
  assert.deepEqual(asked.root(), treeOf(8).root());
});

function treeOf(size: number): MerkleTree {
  const tree = createMerkleTree();
  for (const entry of entries.slice(0, size)) tree.append(Buffer.from(entry, "hex"));
  return tree;
}

function pathOf(size: number, index: number): string[] {
  return treeOf(size)
    .inclusionPath(index)
    .map((hash) => hash.toString("hex"));
}
