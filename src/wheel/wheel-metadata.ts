import type { WheelFilename } from "../distribution/filename.ts";
import { expandTags } from "../distribution/tags.ts";
import { ArtifactError } from "../errors.ts";
import { parseHeaders } from "./metadata.ts";
import type { WheelNotice } from "./notice.ts";

/** The WHEEL file (binary distribution format, "the .dist-info directory"). */
export interface WheelMetadata {
  /** `1.0` */
  readonly wheelVersion: string;
  readonly rootIsPurelib: boolean;
  /** Every combination that the tags stand for: `py3-none-any`. */
  readonly tags: readonly string[];
}

/** What no real wheel comes near: a short line can stand for any number of tags. */
const maxTags = 1000;

/**
 * @throws ArtifactError `wheel-metadata-invalid`; `wheel-version-unsupported` for another major version than 1
 */
export function parseWheelMetadata(text: string): WheelMetadata {
  const fields = parseHeaders(text, "WHEEL");
  const wheelVersion = fields.get("wheel-version")?.[0] ?? "";
  const major = /^(\d{1,4})\.\d{1,4}$/.exec(wheelVersion)?.[1];
  if (major === undefined) throw invalid(`it has no version, or none that can be read: "${wheelVersion}"`);
  // "Greater major: must fail"; what is said of a greater minor is `wheelNotices`.
  if (Number(major) !== 1)
    throw new ArtifactError("wheel-version-unsupported", `WHEEL has version ${wheelVersion}, tspip reads 1`);
  return {
    wheelVersion,
    rootIsPurelib: /^true$/i.test(fields.get("root-is-purelib")?.[0] ?? ""),
    tags: parseTags(fields.get("tag") ?? []),
  };
}

function parseTags(lines: readonly string[]): string[] {
  const tags = new Set<string>();
  for (const line of lines) {
    const parts = line.split("-");
    const [python = "", abi = "", platform = ""] = parts;
    if (parts.length !== 3) throw invalid(`"${line.slice(0, 60)}" is no compatibility tag`);
    const combinations = parts.reduce((product, part) => product * part.split(".").length, 1);
    if (combinations + tags.size > maxTags) throw invalid("it stands for too many tags");
    for (const tag of expandTags(python, abi, platform)) tags.add(tag);
  }
  return [...tags];
}

/**
 * File name and WHEEL have to name a common interpreter and ABI. Platforms may differ: publishers rename
 * `linux_x86_64` to the manylinux tag that the wheel fulfils, and leave WHEEL as it was.
 * @throws ArtifactError `wheel-identity-mismatch`
 */
export function checkTags({ tags }: WheelMetadata, filename: WheelFilename): void {
  const named = new Set(filename.tags.map(withoutPlatform));
  if (tags.length === 0 || tags.some((tag) => named.has(withoutPlatform(tag)))) return;
  throw new ArtifactError(
    "wheel-identity-mismatch",
    `"${filename.text}" is not what its name says: WHEEL has the tags ${tags.slice(0, 5).join(", ")}`,
  );
}

function withoutPlatform(tag: string): string {
  return tag.slice(0, tag.lastIndexOf("-"));
}

/** "Greater minor: should warn"; and tags that agree only in part. */
export function wheelNotices({ wheelVersion, tags }: WheelMetadata, filename: WheelFilename): WheelNotice[] {
  const notices: WheelNotice[] = [];
  if (wheelVersion !== "1.0") {
    const message = `WHEEL has version ${wheelVersion}, tspip knows 1.0`;
    notices.push({ id: "wheel-version-newer", severity: "warning", message });
  }
  if (new Set(tags).symmetricDifference(new Set(filename.tags)).size > 0) {
    const shown = tags.length === 0 ? "no tags" : tags.slice(0, 5).join(", ");
    const message = `WHEEL has ${shown}, the file name has others`;
    notices.push({ id: "wheel-tags-differ", severity: "note", message });
  }
  return notices;
}

function invalid(why: string): ArtifactError {
  return new ArtifactError("wheel-metadata-invalid", `WHEEL cannot be used: ${why}`);
}
