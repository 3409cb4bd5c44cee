import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { Key, Metadata, MetaFile, Root, Signature, Snapshot, TargetFile, Targets, Timestamp } from "@tufjs/models";
import { digestOf } from "../distribution/digest.ts";

/** What a TUF repository serves: path → contents. */
export type TufFiles = ReadonlyMap<string, Buffer>;

export interface TufVersion {
  readonly version: number;
  readonly target: Uint8Array;
  readonly expires?: string;
}

export interface TufRepository {
  /** The root to begin with. */
  readonly root: Buffer;
  /** The files of one state of the repository. */
  publish(state: TufVersion): TufFiles;
}

export interface TufKey {
  readonly key: Key;
  readonly secret: KeyObject;
}

const specVersion = "1.0.31";
const far = "2099-01-01T00:00:00Z";

/** A TUF repository in memory with one key for all roles and one target, `trusted_root.json`. */
export function createTufRepository(): TufRepository {
  const { key, secret } = makeTufKey();
  const signed = <T extends Root | Timestamp | Snapshot | Targets>(content: T): Buffer => {
    const metadata = new Metadata(content);
    metadata.sign((data) => new Signature({ keyID: key.keyID, sig: sign(null, data, secret).toString("hex") }));
    return Buffer.from(JSON.stringify(metadata.toJSON()));
  };
  const rootContent = new Root({ version: 1, specVersion, expires: far, consistentSnapshot: false });
  for (const role of ["root", "timestamp", "snapshot", "targets"]) rootContent.addKey(key, role);
  const root = signed(rootContent);
  return {
    root,
    publish({ version, target, expires = far }) {
      const targets = new Targets({ version, specVersion, expires: far });
      const hashes = { sha256: digestOf(target) };
      targets.addTarget(new TargetFile({ path: "trusted_root.json", length: target.length, hashes }));
      const snapshot = new Snapshot({
        version,
        specVersion,
        expires: far,
        meta: { "targets.json": new MetaFile({ version }) },
      });
      const timestamp = new Timestamp({ version, specVersion, expires, snapshotMeta: new MetaFile({ version }) });
      return new Map([
        ["timestamp.json", signed(timestamp)],
        ["snapshot.json", signed(snapshot)],
        ["targets.json", signed(targets)],
        ["targets/trusted_root.json", Buffer.from(target)],
      ]);
    },
  };
}

/** A fresh Ed25519 key as TUF has it. */
export function makeTufKey(): TufKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  // The last 32 bytes of an Ed25519 SPKI are the key.
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("hex");
  const key = new Key({
    keyID: digestOf(Buffer.from(raw)),
    keyType: "ed25519",
    scheme: "ed25519",
    keyVal: { public: raw },
  });
  return { key, secret: privateKey };
}
