import type { KeyObject } from "node:crypto";
import { type KeyHolder, signBytes } from "./keys.ts";
import { createMerkleTree } from "./merkle-tree.ts";
import type { DsseEntry } from "./statement.ts";

/** Rekor v1 signs the time itself; Rekor v2 leaves that to a timestamp authority. */
export type LogVersion = "rekor-v1" | "rekor-v2";

/** A transparency log of DSSE envelopes: Rekor v1 or v2. */
export interface TransparencyLog {
  readonly host: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  /** `PublicKeyDetails` of the trusted root. */
  readonly keyDetails: "PKIX_ECDSA_P256_SHA_256" | "PKIX_ED25519";
  readonly keyId: Buffer;
  append(entry: NewEntry): TransparencyEntry;
}

export interface NewEntry {
  readonly logged: DsseEntry;
  readonly time: Date;
  /** Who signs the promise of inclusion, in a log that gives one. */
  readonly promisedBy: KeyHolder;
  readonly checkpointBy: KeyHolder;
  /** First line of the checkpoint; the log's own when absent. */
  readonly checkpointOrigin?: string;
}

/** A `TransparencyLogEntry` as protobuf JSON: bytes are base64, 64-bit integers are text. */
export interface TransparencyEntry {
  readonly logIndex: string;
  readonly logId: { readonly keyId: string };
  readonly kindVersion: { readonly kind: string; readonly version: string };
  /** Seconds since 1970; Rekor v2 says nothing. */
  readonly integratedTime?: string;
  readonly inclusionPromise?: { readonly signedEntryTimestamp: string };
  readonly inclusionProof?: InclusionProof;
  readonly canonicalizedBody: string;
}

export interface InclusionProof {
  readonly logIndex: string;
  readonly rootHash: string;
  readonly treeSize: string;
  readonly hashes: readonly string[];
  readonly checkpoint?: { readonly envelope: string };
}

/** The tree of a log, which proves each entry once it is in. */
export interface LogTree {
  append(body: string, checkpoint: CheckpointSigner): { readonly index: number; readonly proof: InclusionProof };
}

export interface CheckpointSigner {
  readonly origin: string;
  /** The name on the signature line. */
  readonly name: string;
  /** Its four bytes stand before the signature. */
  readonly keyId: Buffer;
  readonly key: KeyObject;
}

export function createLogTree(): LogTree {
  const tree = createMerkleTree();
  appendOthers(11);
  return {
    append(body, signer) {
      const index = tree.append(Buffer.from(body));
      // The path has siblings on both sides; and as ours is the fourth of four and three follow, it is the same in a
      // tree smaller by one: who takes a proof for another size than the checkpoint's does not notice by the path.
      appendOthers(3);
      const rootHash = tree.root().toString("base64");
      const proof = {
        logIndex: String(index),
        rootHash,
        treeSize: String(tree.size()),
        hashes: tree.inclusionPath(index).map((hash) => hash.toString("base64")),
        checkpoint: { envelope: signedNote(`${signer.origin}\n${tree.size()}\n${rootHash}\n`, signer) },
      };
      return { index, proof };
    },
  };

  function appendOthers(count: number): void {
    for (let added = 0; added < count; added++) tree.append(Buffer.from(`entry ${tree.size()} of someone else`));
  }
}

/** A signed note (c2sp.org/signed-note) about a checkpoint (c2sp.org/tlog-checkpoint). */
function signedNote(note: string, { name, keyId, key }: CheckpointSigner): string {
  const signature = Buffer.concat([keyId.subarray(0, 4), signBytes(key, Buffer.from(note))]);
  return `${note}\n— ${name} ${signature.toString("base64")}\n`;
}
