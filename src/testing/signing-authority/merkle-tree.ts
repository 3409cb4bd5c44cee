import { sha256 } from "./keys.ts";

/** An append-only Merkle tree (RFC 6962, 2.1). */
export interface MerkleTree {
  /** Adds an entry and returns its index. */
  append(entry: Uint8Array): number;
  size(): number;
  root(): Buffer;
  /** The siblings on the way from entry `index` to the root, from the leaf upwards (RFC 6962, 2.1.1). */
  inclusionPath(index: number): Buffer[];
}

/** Leaves and nodes are hashed with different prefixes, so that neither passes for the other. */
const leafPrefix = Buffer.of(0);
const nodePrefix = Buffer.of(1);

export function createMerkleTree(): MerkleTree {
  const leaves: Buffer[] = [];
  /** Roots of the full subtrees, by first leaf and size: they never change. */
  const fullSubtrees = new Map<string, Buffer>();

  return {
    append: (entry) => leaves.push(sha256(leafPrefix, entry)) - 1,
    size: () => leaves.length,
    root: () => rootOf(0, leaves.length),
    inclusionPath: (index) => pathTo(index, 0, leaves.length),
  };

  function rootOf(start: number, size: number): Buffer {
    const [leaf] = leaves.slice(start, start + 1);
    if (leaf === undefined) return sha256();
    if (size === 1) return leaf;
    const known = fullSubtrees.get(`${start}+${size}`);
    if (known !== undefined) return known;
    const left = leftSizeOf(size);
    const root = sha256(nodePrefix, rootOf(start, left), rootOf(start + left, size - left));
    if (left * 2 === size) fullSubtrees.set(`${start}+${size}`, root);
    return root;
  }

  function pathTo(index: number, start: number, size: number): Buffer[] {
    if (size <= 1) return [];
    const left = leftSizeOf(size);
    return index < start + left
      ? [...pathTo(index, start, left), rootOf(start + left, size - left)]
      : [...pathTo(index, start + left, size - left), rootOf(start, left)];
  }
}

/** The largest power of two smaller than `size`. */
function leftSizeOf(size: number): number {
  return 2 ** (Math.ceil(Math.log2(size)) - 1);
}
