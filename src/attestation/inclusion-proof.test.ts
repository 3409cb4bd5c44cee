import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { createMerkleTree } from "../testing/signing-authority/merkle-tree.ts";
import type { InclusionProof } from "./bundle.ts";
import { verifyInclusion } from "./inclusion-proof.ts";

/** The tree with the leaves `leaf 0` to `leaf size-1`, and the proof of one. */
function proofIn(size: number, index: number): InclusionProof {
  const tree = createMerkleTree();
  for (let at = 0; at < size; at++) tree.append(leaf(at));
  return { logIndex: BigInt(index), treeSize: BigInt(size), rootHash: tree.root(), hashes: tree.inclusionPath(index) };
}

function leaf(at: number): Buffer {
  return Buffer.from(`leaf ${at}`);
}

test("verifyInclusion() accepts each leaf of trees of every shape, and no other leaf there", () => {
  for (let size = 1; size <= 33; size++) {
    for (let index = 0; index < size; index++) {
      const proof = proofIn(size, index);
      verifyInclusion(leaf(index), proof);
      assert.throws(() => verifyInclusion(leaf(index + 1), proof), { check: "inclusion-proof" });
    }
  }
});

test("verifyInclusion() refuses a proof with a hash missing, added, swapped or changed", () => {
  for (const index of [0, 5, 12]) {
    const proof = proofIn(13, index);
    const [first = Buffer.alloc(32), second = Buffer.alloc(32), ...rest] = proof.hashes;
    for (const hashes of [
      proof.hashes.slice(1),
      proof.hashes.slice(0, -1),
      [...proof.hashes, first],
      [second, first, ...rest],
      [first.map((byte) => byte ^ 1) as Buffer, second, ...rest],
      [first.subarray(1), second, ...rest],
    ]) {
      assert.throws(() => verifyInclusion(leaf(index), { ...proof, hashes }), { check: "inclusion-proof" });
    }
  }
});

test("verifyInclusion() refuses an index outside of the tree", () => {
  const proof = proofIn(8, 7);
  for (const logIndex of [8n, 15n, 2n ** 63n - 1n]) {
    assert.throws(() => verifyInclusion(leaf(7), { ...proof, logIndex }), { check: "inclusion-proof" });
  }
  assert.throws(() => verifyInclusion(leaf(0), { ...proof, logIndex: 0n, treeSize: 0n }), { check: "inclusion-proof" });
});

test("verifyInclusion() does not take a node of the tree for an entry", () => {
  // Without the prefixes of RFC 6962, the children's hashes side by side would be an entry with their parent's hash.
  const proof = proofIn(2, 0);
  const children = [0, 1].map((at) =>
    createHash("sha256")
      .update(Buffer.from([0]))
      .update(leaf(at))
      .digest(),
  );
  const forged = { logIndex: 0n, treeSize: 1n, rootHash: proof.rootHash, hashes: [] };
  assert.throws(() => verifyInclusion(Buffer.concat(children), forged), { check: "inclusion-proof" });
});
