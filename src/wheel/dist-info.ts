import { isOf, type WheelFilename } from "../distribution/filename.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { ArtifactError } from "../errors.ts";
import { type Archive, bytesToRead } from "./archive.ts";
import { type EntryPoint, parseEntryPoints } from "./entry-points.ts";
import { pathProblem } from "./member-path.ts";
import { type CoreMetadata, hasLicenseRules, metadataNotices, parseMetadata } from "./metadata.ts";
import { longestMetadata, metadataText } from "./metadata-member.ts";
import type { WheelNotice } from "./notice.ts";
import { longestRecord, parseRecord, type RecordRow } from "./record.ts";
import { checkTags, parseWheelMetadata, type WheelMetadata, wheelNotices } from "./wheel-metadata.ts";

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
  readonly notices: readonly WheelNotice[];
}

/** Bytes. No real wheel comes near; each of these files is read whole, and becomes many times its size in memory. */
const limits = { record: longestRecord, others: longestMetadata };

/**
 * Reads the one `.dist-info` folder of a wheel. File name, folder, METADATA and WHEEL have to agree on what it is.
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
  const wheel = parseWheelMetadata(text("WHEEL") ?? missing(directory, "WHEEL"));
  checkTags(wheel, filename);
  return {
    directory,
    metadata,
    wheel,
    scripts: parseEntryPoints(text("entry_points.txt") ?? ""),
    record: parseRecord(recordText),
    unhashed: new Set(["RECORD", "RECORD.jws", "RECORD.p7s"].map((name) => `${directory}/${name}`)),
    notices: [
      ...wheelNotices(wheel, filename),
      ...metadataNotices(metadata),
      ...licenseNotices(metadata, `${directory}/licenses/`, archive),
    ],
  };
}

/**
 * Licence files lie in `.dist-info/licenses` by the paths that METADATA names, which stay below it (PEP 639).
 * @throws ArtifactError `wheel-metadata-invalid`
 */
function licenseNotices(metadata: CoreMetadata, folder: string, archive: Archive): WheelNotice[] {
  if (!hasLicenseRules(metadata)) return [];
  const bad = metadata.licenseFiles.find((path) => pathProblem(path) !== undefined);
  if (bad !== undefined)
    throw new ArtifactError(
      "wheel-metadata-invalid",
      `METADATA cannot be used: licence file "${bad}" ${pathProblem(bad)}`,
    );
  const missing = metadata.licenseFiles.filter((path) => archive.entry(folder + path) === undefined);
  return missing.map((path) => {
    const message = `METADATA names the licence file "${path}", the wheel does not have it`;
    return { id: "wheel-license-missing", severity: "note", message };
  });
}

/** A file of such a name counts too: importlib.metadata takes it for an installed distribution. */
export function findDistInfo(archive: Archive, filename: WheelFilename): string {
  const names = archive.entries.flatMap(({ path }) => /^([^/]+\.dist-info)(?:\/|$)/i.exec(path)?.[1] ?? []);
  const [directory, ...others] = new Set(names);
  if (directory === undefined)
    throw new ArtifactError("wheel-metadata-invalid", `"${filename.text}" has no .dist-info folder`);
  if (others.length > 0) {
    throw new ArtifactError(
      "wheel-identity-mismatch",
      `"${filename.text}" has several .dist-info folders: ${[directory, ...others].slice(0, 5).join(", ")}`,
    );
  }
  const [, name = "", version = ""] = /^(.+)-([^-]+)\.dist-info$/.exec(directory) ?? [];
  checkIdentity(`its folder is "${directory}"`, name, version.replaceAll("_", "-"), filename);
  return directory;
}

/** Names in normal form and versions by value: `Foo.Bar` 1.0 and `foo-bar` 1.0.0 are one. */
function checkIdentity(what: string, name: string, version: string, filename: WheelFilename): void {
  if (!isOf(filename, name, version))
    throw new ArtifactError("wheel-identity-mismatch", `"${filename.text}" is not what its name says: ${what}`);
}

function decode(archive: Archive, path: string): string | undefined {
  const entry = archive.entry(path);
  if (entry === undefined) return undefined;
  const length = bytesToRead(entry);
  const isRecord = path.endsWith("/RECORD");
  if (length > (isRecord ? limits.record : limits.others))
    throw new ArtifactError("archive-too-large", `Member "${path}" has ${length} bytes`);
  const bytes = archive.read(entry);
  if (path.endsWith("/METADATA")) return metadataText(bytes);
  const text = decodeUtf8(bytes);
  if (text !== undefined) return text;
  throw new ArtifactError(isRecord ? "record-unreadable" : "wheel-metadata-invalid", `"${path}" is not UTF-8`);
}

function missing(directory: string, name: string): never {
  throw new ArtifactError("wheel-metadata-invalid", `The wheel has no ${directory}/${name}`);
}
