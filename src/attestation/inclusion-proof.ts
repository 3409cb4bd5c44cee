import { hash } from "node:crypto";
import type { InclusionProof } from "./bundle.ts";
import { type StepLog, VerificationError } from "./verification.ts";

const hashBytes = 32;
// RFC 6962, section 2.1: leaves and nodes are told apart, or a node could be passed off as an entry.
const leafPrefix = Buffer.from([0x00]);
const nodePrefix = Buffer.from([0x01]);

/**
 * Verifies that `entry` is the leaf `proof.logIndex` of the tree with `proof.rootHash` (RFC 9162, section 2.1.3.2).
 * Whether that tree is the log's is for the checkpoint to say.
 */
export function verifyInclusion(entry: Buffer, proof: InclusionProof, steps?: StepLog): void {
  const { logIndex, treeSize, rootHash, hashes } = proof;
  if (rootHash.length !== hashBytes || hashes.some((hash) => hash.length !== hashBytes)) {
    fail("Inclusion proof has a hash that is not 32 bytes long");
  }
  if (logIndex >= treeSize) fail(`Inclusion proof is for entry ${logIndex} of a tree with ${treeSize} entries`);

  let node = sha256(leafPrefix, entry);
  // Position of the node, and of the last node, on the level that we are at.
  let position = logIndex;
  let last = treeSize - 1n;
  for (const sibling of hashes) {
    if (last === 0n) fail("Inclusion proof has too many hashes");
    if (isOdd(position) || position === last) {
      node = sha256(nodePrefix, sibling, node);
      // The last node of a level with an odd number of nodes goes up unchanged, until it has a sibling on its left.
      // It has one at some level: the last position is not 0 here.
      while (!isOdd(position)) {
        position >>= 1n;
        last >>= 1n;
      }
    } else {
      node = sha256(nodePrefix, node, sibling);
    }
    position >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) fail("Inclusion proof has too few hashes");
  if (!node.equals(rootHash)) fail("Inclusion proof does not lead to its root hash");
  steps?.push({
    check: "inclusion-proof",
    detail: `entry ${logIndex} of ${treeSize} leads to the root hash ${rootHash.toString("hex")}`,
  });
}

function isOdd(position: bigint): boolean {
  return (position & 1n) === 1n;
}

function sha256(...parts: readonly Buffer[]): Buffer {
  return hash("sha256", Buffer.concat(parts), "buffer");
}

function fail(problem: string): never {
  throw new VerificationError("inclusion-proof", problem);
}
