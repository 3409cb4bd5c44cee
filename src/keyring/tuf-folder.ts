import { Metadata, MetadataKind, type Root, type Snapshot, type Targets, type Timestamp } from "@tufjs/models";
import { messageOf } from "../errors.ts";
import { refused } from "./members.ts";
import { highestVersion, type RepositoryFolder } from "./repository-folder.ts";

interface Kinds {
  [MetadataKind.Root]: Root;
  [MetadataKind.Targets]: Targets;
  [MetadataKind.Snapshot]: Snapshot;
  [MetadataKind.Timestamp]: Timestamp;
}

export type AnyMetadata = Metadata<Root> | Metadata<Targets> | Metadata<Snapshot> | Metadata<Timestamp>;

/** TUF metadata in a repository's folder. */
export interface MetadataFolder {
  /** Nothing when there is none of that name. @throws TrustError when it is broken */
  find<Kind extends keyof Kinds>(name: string, kind: Kind): Promise<Metadata<Kinds[Kind]> | undefined>;
  /** @throws TrustError when it is broken, or not there */
  read<Kind extends keyof Kinds>(name: string, kind: Kind): Promise<Metadata<Kinds[Kind]>>;
  /** `N.KIND.json` with the highest N. */
  newest<Kind extends keyof Kinds>(kind: Kind): Promise<Metadata<Kinds[Kind]> | undefined>;
  write(name: string, metadata: AnyMetadata): Promise<void>;
}

export function metadataFolder(folder: RepositoryFolder): MetadataFolder {
  const find: MetadataFolder["find"] = async (name, kind) => {
    const bytes = await folder.read(name);
    return bytes && parse(name, bytes, kind);
  };
  const read: MetadataFolder["read"] = async (name, kind) => {
    const found = await find(name, kind);
    if (found === undefined) throw refused(`there is no ${name}`);
    return found;
  };
  return {
    find,
    read,
    async newest(kind) {
      const version = await highestVersion(folder, `${kind}.json`);
      return version === 0 ? undefined : read(`${version}.${kind}.json`, kind);
    },
    write: (name, metadata) => folder.write(name, `${JSON.stringify(metadata.toJSON(), undefined, 2)}\n`),
  };
}

function parse<Kind extends keyof Kinds>(name: string, bytes: Buffer, kind: Kind): Metadata<Kinds[Kind]> {
  try {
    // The declarations have one form for each kind and none for all.
    const metadata: unknown = Metadata.fromJSON(kind as MetadataKind.Root, JSON.parse(bytes.toString()));
    return metadata as Metadata<Kinds[Kind]>;
  } catch (error) {
    throw refused(`${name} is no TUF ${kind}: ${messageOf(error)}`);
  }
}
