import { readdirSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ArtifactRef } from "../distribution/artifact.ts";
import { messageOf, UsageError } from "../errors.ts";
import type { ProvenanceAnswer } from "../package-index/provenance-answer.ts";
import { readSmall } from "../package-index/read-small.ts";
import { shown } from "../package-index/url.ts";

/** A place where documents about artifacts may lie. All places are asked, and what they have is combined. */
export interface DocumentSource {
  /** @param sha256 of the artifact, lower-case hex */
  find(ref: ArtifactRef, sha256: string): Promise<SourceAnswer>;
}

/** The kinds of "not there" stay apart: see `AttestationAbsence`. `unavailable` is "could not look". */
export type SourceAnswer =
  | { readonly state: "found"; readonly documents: readonly DocumentFile[] }
  | { readonly state: "none" | "unknown" | "refused"; readonly place?: string }
  | { readonly state: "unavailable"; readonly place: string; readonly reason: string };

export interface DocumentFile {
  readonly bytes: Uint8Array;
  /** A path or URL, for messages. */
  readonly place: string;
}

/** What a server answered that was asked at `asked`. */
export function sourceAnswer(answer: ProvenanceAnswer, asked: URL): SourceAnswer {
  switch (answer.state) {
    case "found":
      return { state: "found", documents: [{ bytes: answer.bytes, place: shown(answer.url) }] };
    case "unavailable":
      return { state: "unavailable", place: shown(asked), reason: answer.reason };
    default:
      return { state: answer.state };
  }
}

/** A document larger than this is not read. */
const maxDocumentBytes = 16 << 20;

/** Files beside a local artifact, called as it is and one of `suffixes`. */
export function besideSource(suffixes: readonly string[]): DocumentSource {
  const list = rememberedListing();
  return {
    async find(ref) {
      if (ref.url.protocol !== "file:") return { state: "unknown" };
      return namedAfter(ref, [dirname(fileURLToPath(ref.url))], suffixes, list);
    },
  };
}

/**
 * A file of such a name, or a folder that is searched with its direct sub-folders.
 * @param shownAs what messages and reports call a path
 * @throws UsageError when there is no such path
 */
export async function placeSource(
  path: string,
  suffixes: readonly string[],
  shownAs: (path: string) => string,
): Promise<DocumentSource> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UsageError("no-such-file", `Cannot read attestations: there is no "${path}"`);
  if (found.isDirectory()) {
    const folders = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const directories = [path, ...folders.map(({ name }) => join(path, name)).sort()];
    const list = rememberedListing();
    return { find: async (ref) => called(namedAfter(ref, directories, suffixes, list), shownAs) };
  }
  const isOf = (ref: ArtifactRef) => suffixes.some((suffix) => basename(path) === ref.filename.text + suffix);
  return { find: (ref) => Promise.resolve(isOf(ref) ? called(readAll([path]), shownAs) : { state: "unknown" }) };
}

function called(answer: SourceAnswer, shownAs: (path: string) => string): SourceAnswer {
  if (answer.state === "found")
    return { ...answer, documents: answer.documents.map(({ bytes, place }) => ({ bytes, place: shownAs(place) })) };
  return answer.place === undefined ? answer : { ...answer, place: shownAs(answer.place) };
}

/** The names in a folder. */
type Listing = (directory: string) => ReadonlySet<string>;

/** A folder of many artifacts is listed once, not asked for five names an artifact. */
function rememberedListing(): Listing {
  const listings = new Map<string, ReadonlySet<string>>();
  return (directory) => {
    const known = listings.get(directory) ?? new Set(readdirSync(directory));
    listings.set(directory, known);
    return known;
  };
}

function namedAfter(
  ref: ArtifactRef,
  directories: readonly string[],
  suffixes: readonly string[],
  list: Listing,
): SourceAnswer {
  const paths: string[] = [];
  for (const directory of directories) {
    try {
      const names = list(directory);
      for (const suffix of suffixes) {
        const name = ref.filename.text + suffix;
        if (names.has(name)) paths.push(join(directory, name));
      }
    } catch (error) {
      // A folder that cannot be looked into may hold anything.
      return { state: "unavailable", place: directory, reason: messageOf(error) };
    }
  }
  return paths.length === 0 ? { state: "unknown" } : readAll(paths);
}

function readAll(paths: readonly string[]): SourceAnswer {
  const documents: DocumentFile[] = [];
  for (const path of paths) {
    try {
      const { bytes, size } = readSmall(path, maxDocumentBytes);
      if (bytes === undefined) return { state: "unavailable", place: path, reason: `it has ${size} bytes` };
      documents.push({ bytes, place: path });
    } catch (error) {
      return { state: "unavailable", place: path, reason: messageOf(error) };
    }
  }
  return { state: "found", documents };
}
