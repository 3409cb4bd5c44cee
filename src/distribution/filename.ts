import { ArtifactError } from "../errors.ts";
import { isProjectName, normalizeProjectName, type ProjectName } from "./project-name.ts";
import { expandTags } from "./tags.ts";
import { compareVersions, isVersion, parseVersion, type Version } from "./version.ts";

/** What an artifact's file name says. */
export type ArtifactFilename = WheelFilename | SdistFilename;

export interface WheelFilename {
  readonly kind: "wheel";
  /** The name as it was written. */
  readonly text: string;
  readonly name: ProjectName;
  readonly version: Version;
  readonly build?: BuildTag;
  /** Every combination that the compressed tag set stands for, each once: `py3-none-any`. */
  readonly tags: readonly string[];
}

export interface SdistFilename {
  readonly kind: "sdist";
  readonly text: string;
  readonly name: ProjectName;
  readonly version: Version;
  readonly extension: ".tar.gz" | ".zip";
}

/** A build tag begins with a number, by which it sorts first. */
export interface BuildTag {
  readonly number: bigint;
  readonly rest: string;
}

/** A name longer than this fits in no file system. */
const maxLength = 255;

/**
 * Parses the file name of a wheel (binary distribution format, "file name convention") or of a source distribution
 * (source distribution format, "source distribution file name").
 * @throws ArtifactError `invalid-filename`
 */
export function parseFilename(text: string): ArtifactFilename {
  if (text.length > maxLength) throw invalid(text.slice(0, 80), "it is longer than any file system allows");
  if (text.endsWith(".whl")) return parseWheelFilename(text);
  for (const extension of [".tar.gz", ".zip"] as const) {
    if (text.endsWith(extension)) return parseSdistFilename(text, extension);
  }
  throw invalid(text, "it ends neither in .whl nor in .tar.gz or .zip");
}

/** Pages and lock files list thousands of wheels, of which only the tags differ from one to the next. */
let latestWheel: (ReturnType<typeof parseWheelHead> & { readonly head: string }) | undefined;

function parseWheelFilename(text: string): WheelFilename {
  const stem = text.slice(0, -".whl".length);
  const platformAt = stem.lastIndexOf("-") + 1;
  const abiAt = stem.lastIndexOf("-", platformAt - 2) + 1;
  const pythonAt = stem.lastIndexOf("-", abiAt - 2) + 1;
  const head = stem.slice(0, Math.max(0, pythonAt - 1));
  if (latestWheel?.head !== head) latestWheel = { head, ...parseWheelHead(head, text) };
  const { name, version, build } = latestWheel;

  const tagSet = stem.slice(pythonAt);
  if (!wellFormedTags.test(tagSet)) throw invalid(text, "its compatibility tags are not well formed");
  const common = { kind: "wheel" as const, text, name, version, ...(build && { build }) };
  if (!tagSet.includes(".")) return { ...common, tags: [tagSet.toLowerCase()] };
  const [python, abi, platform] = [
    stem.slice(pythonAt, abiAt - 1),
    stem.slice(abiAt, platformAt - 1),
    stem.slice(platformAt),
  ];
  if ([python, abi, platform].reduce((product, part) => product * part.split(".").length, 1) > 1000)
    throw invalid(text, "it stands for too many tags");
  return {
    ...common,
    // Of most, nobody looks at the tags.
    get tags() {
      return expandTags(python, abi, platform);
    },
  };
}

/** Name, version and build tag: what stands before the compatibility tags. */
function parseWheelHead(head: string, text: string): Pick<WheelFilename, "name" | "version" | "build"> {
  const parts = head.split("-");
  if (parts.length !== 2 && parts.length !== 3) throw invalid(text, "a wheel's name has 5 or 6 parts");
  const [name = "", version = "", build] = parts;
  return {
    ...(build !== undefined && { build: parseBuildTag(build, text) }),
    name: projectName(name, text),
    version: versionIn(version, text),
  };
}

const wellFormedTags = /^\w+(?:\.\w+)*-\w+(?:\.\w+)*-\w+(?:\.\w+)*$/;

function parseBuildTag(part: string, text: string): BuildTag {
  const { number, rest = "" } = /^(?<number>\d{1,18})(?<rest>\w*)$/.exec(part)?.groups ?? {};
  if (number === undefined) throw invalid(text, `its build tag "${part}" does not begin with a number`);
  return { number: BigInt(number), rest };
}

/** Names of old source distributions hold hyphens, so the version begins after the last one. */
function parseSdistFilename(text: string, extension: SdistFilename["extension"]): SdistFilename {
  const stem = text.slice(0, -extension.length);
  const at = stem.lastIndexOf("-");
  if (at === -1) throw invalid(text, "there is no hyphen between name and version");
  const [name, version] = [stem.slice(0, at), stem.slice(at + 1)];
  return { kind: "sdist", text, name: projectName(name, text), version: versionIn(version, text), extension };
}

/** Pages list the files of one project. */
let latestName: { readonly text: string; readonly name: ProjectName } | undefined;

function projectName(name: string, text: string): ProjectName {
  if (latestName?.text === name) return latestName.name;
  if (!isProjectName(name)) throw invalid(text, `"${name}" is not a project name`);
  latestName = { text: name, name: normalizeProjectName(name) };
  return latestName.name;
}

function versionIn(version: string, text: string): Version {
  if (version.trim() !== version || !isVersion(version)) throw invalid(text, `"${version}" is not a version`);
  return parseVersion(version);
}

function invalid(text: string, why: string): ArtifactError {
  return new ArtifactError(
    "invalid-filename",
    `"${text}" is not the file name of a wheel or source distribution: ${why}`,
  );
}

/** Whether it is of the project and version that somebody names: names in normal form, versions by value. */
export function isOf(filename: ArtifactFilename, name: string, version: string): boolean {
  return (
    isProjectName(name) &&
    normalizeProjectName(name) === filename.name &&
    isVersion(version) &&
    compareVersions(parseVersion(version), filename.version) === 0
  );
}

/** The file name at the end of a URL; as it stands there, where it is no percent-encoding. */
export function lastSegment({ pathname }: URL): string {
  const segment = pathname.slice(pathname.lastIndexOf("/") + 1);
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Whether two names mean the same file, however they are spelled: compared parsed, as PEP 740 wants it. */
export function sameFilename(a: ArtifactFilename, b: ArtifactFilename): boolean {
  if (a.name !== b.name || compareVersions(a.version, b.version) !== 0) return false;
  if (a.kind === "sdist" || b.kind === "sdist")
    return a.kind === "sdist" && b.kind === "sdist" && a.extension === b.extension;
  return compareBuildTags(a.build, b.build) === 0 && new Set(a.tags).symmetricDifference(new Set(b.tags)).size === 0;
}

/** The order of build tags; none comes before any. */
export function compareBuildTags(a: BuildTag | undefined, b: BuildTag | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (a.number !== b.number) return a.number < b.number ? -1 : 1;
  if (a.rest === b.rest) return 0;
  return a.rest < b.rest ? -1 : 1;
}
