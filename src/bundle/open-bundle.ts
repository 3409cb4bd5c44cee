import type { ByteSource } from "../distribution/byte-source.ts";
import { digestOf } from "../distribution/digest.ts";
import { ArtifactError } from "../errors.ts";
import type { Archive, ArchiveEntry } from "../wheel/archive.ts";
import { openArchive } from "../wheel/open-archive.ts";
import { artifactMember, type BundleManifest, parseManifest } from "./manifest.ts";
import { memberFolders, memberNames } from "./members.ts";

/** A bundle's archive, with the two members that say what the others are. Nobody's word for them is taken yet. */
export interface SealedBundle {
  readonly manifest: Buffer;
  /** Absent in a bundle that nobody has signed. */
  readonly signature?: Buffer;
  /**
   * What the bundle holds, when its members are those that the manifest lists.
   * @throws ArtifactError `bundle-contents-mismatch`, `bundle-unreadable`; UsageError `unsupported-bundle`
   */
  unseal(): Bundle;
}

/** A bundle whose members are by name and size those of its manifest. */
export interface Bundle {
  readonly manifest: BundleManifest;
  /** A member by its name, whole; its digest is the manifest's. @throws ArtifactError `bundle-contents-mismatch` */
  read(name: string): Buffer;
  /** Where the bytes of an artifact lie: nothing of them has been looked at. */
  artifactBytes(name: string): ByteSource;
}

/** Bytes; what no real bundle comes near. Artifacts are not held in memory and have no limit of their own. */
const limits = { manifest: 64 << 20, signature: 1 << 20, document: 16 << 20, documents: 512 << 20 };

/**
 * Reads the archive by the reader of wheels, which takes only what has one reading, and the manifest from it.
 * @throws ArtifactError `archive-…`, `bundle-contents-mismatch`
 */
export function openBundle(source: ByteSource): SealedBundle {
  const archive = openArchive(source);
  const entries = new Map(archive.entries.map((entry) => [entry.path, entry]));
  for (const { path, isDeflated } of archive.entries)
    if (isDeflated) throw mismatch(`member "${path}" is compressed, and a bundle stores its members as they are`);
  const manifest = readUpTo(archive, entries.get(memberNames.manifest), limits.manifest);
  if (manifest === undefined) throw mismatch(`it has no ${memberNames.manifest}`);
  const signature = readUpTo(archive, entries.get(memberNames.signature), limits.signature);
  return {
    manifest,
    ...(signature && { signature }),
    unseal() {
      const parsed = parseManifest(manifest);
      checkMembers(parsed, entries);
      return unsealed(parsed, entries, archive, source);
    },
  };
}

function unsealed(
  manifest: BundleManifest,
  entries: ReadonlyMap<string, ArchiveEntry>,
  archive: Archive,
  source: ByteSource,
): Bundle {
  return {
    manifest,
    read(name) {
      const bytes = readUpTo(archive, entries.get(name), limits.document);
      if (bytes === undefined) throw mismatch(`it has no "${name}"`);
      if (digestOf(bytes) !== manifest.members.get(name)?.sha256)
        throw mismatch(`"${name}" has another SHA-256 than the manifest says`);
      return bytes;
    },
    artifactBytes(name) {
      const entry = entries.get(name);
      if (entry === undefined) throw mismatch(`it has no "${name}"`);
      return partOf(source, entry);
    },
  };
}

/** The same members on both sides, of the same sizes; and what the manifest speaks of is there. */
function checkMembers(manifest: BundleManifest, entries: ReadonlyMap<string, ArchiveEntry>): void {
  const { members, artifacts, policy } = manifest;
  const others = [...entries.keys()].filter((name) => name !== memberNames.manifest && name !== memberNames.signature);
  const extra = others.find((name) => !members.has(name));
  if (extra !== undefined) throw mismatch(`"${extra}" is in it, and the manifest does not list it`);
  for (const [name, { size }] of members) {
    const entry = entries.get(name);
    if (entry === undefined) throw mismatch(`the manifest lists "${name}", and it is not there`);
    if (entry.size !== size) throw mismatch(`"${name}" has ${entry.size} bytes, the manifest says ${size}`);
  }
  const artifactNames = new Set(artifacts.map(artifactMember));
  const needed = [...artifactNames, policy, memberNames.lock, memberNames.trustedRoot];
  const absent = needed.find((name) => !members.has(name));
  if (absent !== undefined) throw mismatch(`the manifest speaks of "${absent}", and it is not there`);
  const foreign = others.find((name) => name.startsWith(memberFolders.artifacts) && !artifactNames.has(name));
  if (foreign !== undefined || artifactNames.size < artifacts.length)
    throw mismatch(`the manifest does not say once of each artifact what its index said`);
  const documents = [...members].filter(([name]) => !artifactNames.has(name));
  if (documents.reduce((sum, [, { size }]) => sum + size, 0) > limits.documents)
    throw new ArtifactError("archive-too-large", "The documents in the bundle are more than anybody needs");
}

function readUpTo(archive: Archive, entry: ArchiveEntry | undefined, limit: number): Buffer | undefined {
  if (entry === undefined) return undefined;
  if (entry.size > limit)
    throw new ArtifactError("archive-too-large", `Member "${entry.path}" has ${entry.size} bytes, more than ${limit}`);
  return archive.read(entry);
}

/** A stored member's bytes as they lie in the archive; whether they are the right ones their digest says. */
function partOf(source: ByteSource, { dataOffset, size }: ArchiveEntry): ByteSource {
  return {
    size,
    read(position, length) {
      if (position < 0 || position + length > size)
        throw new ArtifactError("archive-unreadable", "A member ends early");
      return source.read(dataOffset + position, length);
    },
  };
}

function mismatch(problem: string): ArtifactError {
  return new ArtifactError("bundle-contents-mismatch", `The bundle is not what its maker signed: ${problem}`);
}
