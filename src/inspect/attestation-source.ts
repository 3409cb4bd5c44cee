import type { IndexClient } from "../package-index/client.ts";
import { shown } from "../package-index/url.ts";
import { besideSource, type DocumentSource, placeSource, sourceAnswer } from "./document-source.ts";

/** What a file beside an artifact may be called: the artifact's own name and one of these. */
export const attestationSuffixes = [
  ".provenance",
  ".publish.attestation",
  ".slsa.attestation",
  ".sigstore.json",
  ".sigstore",
];

/** The index's own provenance (PEP 740, Integrity API). */
export function indexSource(client: IndexClient): DocumentSource {
  return { find: async (ref) => sourceAnswer(await client.provenance(ref), ref.url) };
}

/** A server that keeps attestations by the artifact's digest, which stands for `{sha256}` in `template`. */
export function urlSource(template: string, client: IndexClient): DocumentSource {
  return {
    async find(_, sha256) {
      const url = new URL(template.replaceAll("{sha256}", sha256));
      const answer = await client.attestationsAt(url);
      // Only an index can say that an artifact has none.
      if (answer.state === "none") return { state: "unknown" };
      return answer.state === "refused" ? { state: "refused", place: shown(url) } : sourceAnswer(answer, url);
    },
  };
}

/** Files beside a local artifact. */
export function sidecarSource(): DocumentSource {
  return besideSource(attestationSuffixes);
}

/** `--attestations PATH`. @throws UsageError when there is no such path */
export function pathSource(path: string, shownAs: (path: string) => string): Promise<DocumentSource> {
  return placeSource(path, attestationSuffixes, shownAs);
}
