import type { WheelFilename } from "../distribution/filename.ts";
import { isProjectName, normalizeProjectName } from "../distribution/project-name.ts";
import { expandTags } from "../distribution/tags.ts";
import { compareVersions, isVersion, parseVersion } from "../distribution/version.ts";
import { ArtifactError } from "../errors.ts";
import type { Archive, ArchiveEntry } from "./archive.ts";
import { type EntryPoint, parseEntryPoints } from "./entry-points.ts";
import { type CoreMetadata, parseHeaders, parseMetadata } from "./metadata.ts";
import { parseRecord, type RecordRow } from "./record.ts";

/** What a wheel's `.dist-info` folder says. */
export interface DistInfo {
  /** The folder's name, such as `Foo_Bar-1.0.dist-info`. */
  readonly directory: string;
  readonly metadata: CoreMetadata;
  readonly wheel: WheelMetadata;
  /** The scripts to be made. */
  readonly scripts: readonly EntryPoint[];
  readonly record: readonly RecordRow[];
  /** Members that RECORD has no hash for: itself, and signatures over it (PEP 427). */
  readonly unhashed: ReadonlySet<string>;
}

/** The WHEEL file (binary distribution format). */
export interface WheelMetadata {
  /** `1.0` */
  readonly wheelVersion: string;
  readonly rootIsPurelib: boolean;
  readonly tags: readonly string[];
}

/** None of these files is anywhere near as large in a real wheel. */
const maxBytes = 32 << 20;

/**
 * Reads the one `.dist-info` folder of a wheel. File name, folder and METADATA have to agree on project and version.
 * @throws ArtifactError with the id of a finding as its code
 */
export function readDistInfo(archive: Archive, filename: WheelFilename): DistInfo {
  const directory = findDistInfo(archive, filename);
  const text = (name: string) => decode(archive, `${directory}/${name}`);
  const recordText = text("RECORD");
  if (recordText === undefined)
    throw new ArtifactError("record-absent", `"${filename.text}" has no ${directory}/RECORD`);
  const metadata = parseMetadata(text("METADATA") ?? missing(directory, "METADATA"));
  checkIdentity(`METADATA says "${metadata.name}" ${metadata.version}`, metadata.name, metadata.version, filename);
  const wheel = parseWheel(text("WHEEL") ?? missing(directory, "WHEEL"));
  return {
    directory,
    metadata,
    wheel,
    scripts: parseEntryPoints(text("entry_points.txt") ?? ""),
    record: parseRecord(recordText),
    unhashed: new Set(["RECORD", "RECORD.jws", "RECORD.p7s"].map((name) => `${directory}/${name}`)),
  };
}

function findDistInfo(archive: Archive, filename: WheelFilename): string {
  const directories = new Set(archive.entries.flatMap(({ path }) => /^([^/]+\.dist-info)\//i.exec(path)?.[1] ?? []));
  const [directory, ...others] = directories;
  if (directory === undefined)
    throw new ArtifactError("wheel-metadata-invalid", `"${filename.text}" has no .dist-info folder`);
  if (others.length > 0) {
    throw new ArtifactError(
      "wheel-identity-mismatch",
      `"${filename.text}" has several .dist-info folders: ${[...directories].join(", ")}`,
    );
  }
  const [, name = "", version = ""] = /^(.+)-([^-]+)\.dist-info$/.exec(directory) ?? [];
  checkIdentity(`its folder is "${directory}"`, name, version.replaceAll("_", "-"), filename);
  return directory;
}

/** Names in normal form and versions by value: `Foo.Bar` 1.0 and `foo-bar` 1.0.0 are one. */
function checkIdentity(what: string, name: string, version: string, filename: WheelFilename): void {
  const isSame =
    isProjectName(name) &&
    normalizeProjectName(name) === filename.name &&
    isVersion(version) &&
    compareVersions(parseVersion(version), filename.version) === 0;
  if (!isSame)
    throw new ArtifactError("wheel-identity-mismatch", `"${filename.text}" is not what its name says: ${what}`);
}

function parseWheel(text: string): WheelMetadata {
  const fields = parseHeaders(text);
  const wheelVersion = fields.get("wheel-version")?.[0] ?? "";
  const major = /^(\d{1,4})\.\d{1,4}$/.exec(wheelVersion)?.[1];
  if (major === undefined)
    throw new ArtifactError(
      "wheel-metadata-invalid",
      `WHEEL has no version, or none that can be read: "${wheelVersion}"`,
    );
  // "Greater major: must fail; greater minor: should warn."
  if (Number(major) !== 1)
    throw new ArtifactError("wheel-version-unsupported", `WHEEL has version ${wheelVersion}, tspip reads 1`);
  return {
    wheelVersion,
    rootIsPurelib: /^true$/i.test(fields.get("root-is-purelib")?.[0] ?? ""),
    tags: (fields.get("tag") ?? []).flatMap((tag) => {
      const [python = "", abi = "", platform = ""] = tag.split("-");
      return expandTags(python, abi, platform);
    }),
  };
}

function decode(archive: Archive, path: string): string | undefined {
  const entry: ArchiveEntry | undefined = archive.entry(path);
  if (entry === undefined) return undefined;
  if (entry.size > maxBytes) throw new ArtifactError("archive-too-large", `Member "${path}" has ${entry.size} bytes`);
  const bytes = archive.read(entry);
  const text = bytes.toString("utf8");
  if (Buffer.byteLength(text) === bytes.length && !text.includes("\uFFFD")) return text;
  const isRecord = path.endsWith("/RECORD");
  // Descriptions of old projects are in whatever encoding their author had; the fields in front of them are ASCII.
  if (path.endsWith("/METADATA")) return bytes.toString("latin1");
  throw new ArtifactError(isRecord ? "record-unreadable" : "wheel-metadata-invalid", `"${path}" is not UTF-8`);
}

function missing(directory: string, name: string): never {
  throw new ArtifactError("wheel-metadata-invalid", `The wheel has no ${directory}/${name}`);
}
