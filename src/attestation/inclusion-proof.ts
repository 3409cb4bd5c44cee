import { hash } from "node:crypto";
import type { InclusionProof } from "./bundle.ts";
import { type StepLog, VerificationError } from "./verification.ts";

const hashBytes = 32;
// RFC 6962, section 2.1: leaves and nodes are told apart, or a node could be passed off as an entry.
const leafPrefix = Buffer.from([0x00]);
const nodePrefix = 0x01;

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
  if (treeSize > Number.MAX_SAFE_INTEGER) fail("Inclusion proof is for a tree with more entries than any log has");

  let node = sha256(Buffer.concat([leafPrefix, entry]));
  // Position of the node, and of the last node, on the level that we are at.
  let [position, last] = [Number(logIndex), Number(treeSize) - 1];
  const goUp = () => {
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  };
  for (const sibling of hashes) {
    if (last === 0) fail("Inclusion proof has too many hashes");
    if (isOdd(position) || position === last) {
      node = hashNode(sibling, node);
      // The last node of a level with an odd number of nodes goes up unchanged, until it has a sibling on its left.
      // It has one at some level: the last position is not 0 here.
      while (!isOdd(position)) goUp();
    } else {
      node = hashNode(node, sibling);
    }
    goUp();
  }
  if (last !== 0) fail("Inclusion proof has too few hashes");
  if (!node.equals(rootHash)) fail("Inclusion proof does not lead to its root hash");
  steps?.push({
    check: "inclusion-proof",
    detail: `entry ${logIndex} of ${treeSize} leads to the root hash ${rootHash.toString("hex")}`,
  });
}

function isOdd(position: number): boolean {
  return position % 2 === 1;
}

/** Both are hashes. */
function hashNode(left: Buffer, right: Buffer): Buffer {
  const pair = Buffer.allocUnsafe(1 + 2 * hashBytes);
  pair[0] = nodePrefix;
  pair.set(left, 1);
  pair.set(right, 1 + hashBytes);
  return sha256(pair);
}

function sha256(bytes: Buffer): Buffer {
  return hash("sha256", bytes, "buffer");
}

function fail(problem: string): never {
  throw new VerificationError("inclusion-proof", problem);
}
