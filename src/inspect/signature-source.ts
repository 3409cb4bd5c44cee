import type { IndexClient } from "../package-index/client.ts";
import { besideSource, type DocumentSource, placeSource, sourceAnswer } from "./document-source.ts";

/** A detached signature is called as the file it is about, and this. */
export const signatureSuffix = ".jws";
const suffixes = [signatureSuffix];

/** The file's own URL and `.jws`, on the server that has the file. */
export function indexSignatures(client: Pick<IndexClient, "signatures">): DocumentSource {
  return {
    async find(ref) {
      return ref.url.protocol === "file:" ? { state: "unknown" } : sourceAnswer(await client.signatures(ref), ref.url);
    },
  };
}

/** `FILE.jws` beside a local artifact. */
export function sidecarSignatures(): DocumentSource {
  return besideSource(suffixes);
}

/** A file, or a folder that is searched with its direct sub-folders. @throws UsageError when there is no such path */
export function pathSignatures(path: string, shownAs: (path: string) => string): Promise<DocumentSource> {
  return placeSource(path, suffixes, shownAs);
}
