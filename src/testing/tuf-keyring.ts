import { sign } from "node:crypto";
import { type Key, Metadata, MetaFile, Root, Signature, Snapshot, TargetFile, Targets, Timestamp } from "@tufjs/models";
import { digestOf } from "../distribution/digest.ts";
import { makeTufKey, type TufKey } from "./tuf-repository.ts";

/**
 * A TUF repository with a keyring as its target, every part of which can be bent: what somebody who has some of the keys,
 * or the server, could put there.
 */
export interface TufState {
  /** In order of version, from 2 on; version 1 is the pin. */
  readonly roots?: readonly RootForm[];
  readonly timestamp?: MetadataForm & { readonly snapshotVersion?: number };
  readonly snapshot?: MetadataForm & { readonly targetsVersion?: number; readonly withoutTargets?: boolean };
  readonly targets?: MetadataForm;
  /** The bytes that are served as the target, where others are signed. */
  readonly served?: Uint8Array;
  readonly keyring?: object;
}

export interface MetadataForm {
  readonly version?: number;
  readonly expires?: string;
  /** Names of those who sign; the role's own when left out. */
  readonly signers?: readonly string[];
}

export interface RootForm extends MetadataForm {
  /** Names of the keys of each role; those of version 1 when left out. */
  readonly keys?: Partial<Record<Role, readonly string[]>>;
  readonly threshold?: number;
  /** Bends the JSON before it is signed. */
  readonly bend?: (signed: Record<string, unknown>) => void;
}

const roles = ["root", "targets", "snapshot", "timestamp"] as const;
type Role = (typeof roles)[number];

const far = "2099-01-01T00:00:00Z";
const specVersion = "1.0.31";
const usual: Readonly<Record<Role, readonly string[]>> = {
  root: ["root1", "root2", "root3"],
  targets: ["root1", "root2", "root3"],
  snapshot: ["daily"],
  timestamp: ["daily"],
};

const keys = new Map<string, TufKey>();

/** One key for each name in all tests. */
function keyOf(name: string): TufKey {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const made = makeTufKey();
  keys.set(name, made);
  return made;
}

export function tufKeyOf(name: string): Key {
  return keyOf(name).key;
}

/** Signs as `name`, under the ids that the document has for that key. */
export function makeRoot({
  version = 1,
  expires = far,
  keys = {},
  threshold = 2,
  signers,
  bend,
}: RootForm = {}): Buffer {
  const root = new Root({ version, specVersion, expires, consistentSnapshot: true });
  for (const role of roles) {
    for (const name of keys[role] ?? usual[role]) root.addKey(keyOf(name).key, role);
    const isShared = role === "root" || role === "targets";
    Object.assign(root.roles[role] ?? {}, { threshold: isShared ? threshold : 1 });
  }
  const signed = root.toJSON() as Record<string, unknown>;
  bend?.(signed);
  return signedBy(signers ?? ["root1", "root2"], new Metadata(Root.fromJSON(signed as never)), signed);
}

type AnyMetadata = Metadata<Root> | Metadata<Targets> | Metadata<Snapshot> | Metadata<Timestamp>;

function signedBy(names: readonly string[], metadata: AnyMetadata, keyHolder?: Record<string, unknown>): Buffer {
  const known = Object.entries((keyHolder?.keys ?? {}) as Record<string, { keyval: { public: string } }>);
  const all: Record<string, Signature> = {};
  for (const name of names) {
    const { key, secret } = keyOf(name);
    const ids = known.filter(([, { keyval }]) => keyval.public.toLowerCase() === key.keyVal.public).map(([id]) => id);
    metadata.sign((data) => {
      const sig = sign(null, data, secret).toString("hex");
      for (const keyID of ids.length > 0 ? ids : [key.keyID]) all[keyID] = new Signature({ keyID, sig });
      return new Signature({ keyID: key.keyID, sig });
    });
  }
  metadata.signatures = all;
  return Buffer.from(JSON.stringify(metadata.toJSON()));
}

const emptyKeyring = { type: "tspip-keys", spec: 1, name: "example.org/wheels", keys: [], revoked: [] };

/** The files of one state, by path. */
export function tufFiles(state: TufState = {}): Map<string, Buffer> {
  const { roots = [], timestamp = {}, snapshot = {}, targets = {} } = state;
  const keyring = Buffer.from(JSON.stringify(state.keyring ?? emptyKeyring));
  const [timestampVersion, snapshotVersion, targetsVersion] = [timestamp, snapshot, targets].map(
    ({ version = 1 }) => version,
  ) as [number, number, number];
  const list = new Targets({ version: targetsVersion, specVersion, expires: targets.expires ?? far });
  list.addTarget(
    new TargetFile({ path: "keyring.json", length: keyring.length, hashes: { sha256: digestOf(keyring) } }),
  );
  const listed = new MetaFile({ version: snapshot.targetsVersion ?? targetsVersion });
  const files = new Map<string, Buffer>();
  roots.forEach((form, at) => {
    files.set(`${at + 2}.root.json`, makeRoot({ version: at + 2, ...form }));
  });
  const put = (name: string, form: MetadataForm, usualSigners: readonly string[], metadata: AnyMetadata) =>
    files.set(name, signedBy(form.signers ?? usualSigners, metadata));
  put(`${targetsVersion}.targets.json`, targets, ["root1", "root2"], new Metadata(list));
  const meta = snapshot.withoutTargets === true ? {} : { "targets.json": listed };
  const snapshotContent = new Snapshot({
    version: snapshotVersion,
    specVersion,
    expires: snapshot.expires ?? far,
    meta,
  });
  put(`${snapshotVersion}.snapshot.json`, snapshot, ["daily"], new Metadata(snapshotContent));
  const timestampContent = new Timestamp({
    version: timestampVersion,
    specVersion,
    expires: timestamp.expires ?? far,
    snapshotMeta: new MetaFile({ version: timestamp.snapshotVersion ?? snapshotVersion }),
  });
  put("timestamp.json", timestamp, ["daily"], new Metadata(timestampContent));
  files.set(`targets/${digestOf(keyring)}.keyring.json`, Buffer.from(state.served ?? keyring));
  return files;
}
