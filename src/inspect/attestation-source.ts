import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ArtifactRef } from "../distribution/artifact.ts";
import { messageOf, UsageError } from "../errors.ts";
import type { IndexClient } from "../package-index/client.ts";

/** A place where attestations of artifacts may lie. All sources are asked, and what they have is combined. */
export interface AttestationSource {
  find(ref: ArtifactRef): Promise<SourceAnswer>;
}

/** The kinds of "not there" stay apart: see `AttestationAbsence`. `unavailable` is "could not look". */
export type SourceAnswer =
  | { readonly state: "found"; readonly documents: readonly AttestationFile[] }
  | { readonly state: "none" | "unknown" | "refused"; readonly place?: string }
  | { readonly state: "unavailable"; readonly place: string; readonly reason: string };

export interface AttestationFile {
  readonly bytes: Uint8Array;
  /** A path or URL, for messages. */
  readonly place: string;
}

/** What a file beside an artifact may be called: the artifact's own name and one of these. */
export const attestationSuffixes = [
  ".provenance",
  ".publish.attestation",
  ".slsa.attestation",
  ".sigstore.json",
  ".sigstore",
];

/** A document larger than this is not read. PyPI's are about 10 kB. */
const maxDocumentBytes = 16 << 20;

/** The index's own provenance (PEP 740, Integrity API). */
export function indexSource(client: IndexClient): AttestationSource {
  return {
    async find(ref) {
      const answer = await client.provenance(ref);
      switch (answer.state) {
        case "found":
          return { state: "found", documents: [{ bytes: answer.bytes, place: answer.url.href }] };
        case "unavailable":
          return { state: "unavailable", place: ref.url.href, reason: answer.reason };
        default:
          return { state: answer.state };
      }
    },
  };
}

/** Files beside a local artifact. */
export const sidecarSource: AttestationSource = {
  async find(ref) {
    if (ref.url.protocol !== "file:") return { state: "unknown" };
    return filesNamedAfter(ref, [dirname(fileURLToPath(ref.url))]);
  },
};

/**
 * `--attestations PATH`: a file, or a folder that is searched with its direct sub-folders.
 * @throws UsageError when there is no such path
 */
export async function pathSource(path: string): Promise<AttestationSource> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new UsageError("no-such-file", `Cannot read attestations: there is no "${path}"`);
  }
  if (found.isDirectory()) {
    const folders = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const directories = [path, ...folders.map(({ name }) => join(path, name)).sort()];
    return { find: (ref) => filesNamedAfter(ref, directories) };
  }
  return {
    find: (ref) => (isNamedAfter(ref, basename(path)) ? readAll([path]) : Promise.resolve({ state: "unknown" })),
  };
}

function isNamedAfter(ref: ArtifactRef, name: string): boolean {
  return attestationSuffixes.some((suffix) => name === ref.filename.text + suffix);
}

async function filesNamedAfter(ref: ArtifactRef, directories: readonly string[]): Promise<SourceAnswer> {
  const paths: string[] = [];
  for (const directory of directories) {
    for (const suffix of attestationSuffixes) {
      const path = join(directory, ref.filename.text + suffix);
      if (await isThere(path)) paths.push(path);
    }
  }
  return paths.length === 0 ? { state: "unknown" } : readAll(paths);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    // A name that is there and cannot be looked at is for `readAll` to report, not to pass over.
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}

async function readAll(paths: readonly string[]): Promise<SourceAnswer> {
  const documents: AttestationFile[] = [];
  for (const path of paths) {
    try {
      const { size } = await stat(path);
      if (size > maxDocumentBytes) return { state: "unavailable", place: path, reason: `it has ${size} bytes` };
      documents.push({ bytes: await readFile(path), place: path });
    } catch (error) {
      return { state: "unavailable", place: path, reason: messageOf(error) };
    }
  }
  return { state: "found", documents };
}
