import type { ArtifactRef, PinnedDigest } from "../distribution/artifact.ts";
import { isHashAlgorithm, isHexDigest } from "../distribution/digest.ts";
import { lastSegment, parseFilename } from "../distribution/filename.ts";
import { messageOf, UsageError } from "../errors.ts";
import { shown, withoutCredentials } from "../package-index/url.ts";
import type { RequestedRequirement } from "./plan-request.ts";

/** `NAME @ URL` (PEP 508); the fragment may pin a digest, as pip writes it. */
export function directRef({ requirement, place }: RequestedRequirement, pins: readonly PinnedDigest[]): ArtifactRef {
  const url = parseUrl(requirement.url ?? "", place);
  const fragment = fragmentPins(url, place);
  url.hash = "";
  const filename = parseFilename(lastSegment(url));
  if (filename.name !== requirement.name) {
    throw new UsageError(
      "requirements-conflict",
      `${place}: "${requirement.name} @ ${shown(url)}" points to a file of "${filename.name}"`,
    );
  }
  return {
    filename,
    // It is written into lock files, receipts and bundles (PEP 610: without authentication information).
    url: withoutCredentials(url),
    digests: {},
    source: { kind: "direct" },
    provenance: "unknown",
    pins: [...pins, ...fragment],
  };
}

/**
 * The digests that the fragment of a file's URL pins. One that cannot be compared was meant as a pin as well.
 * @throws UsageError `invalid-url`
 */
export function fragmentPins(url: URL, place: string): PinnedDigest[] {
  return [...new URLSearchParams(url.hash.slice(1))]
    .filter(([name]) => /^(?:md5|sha\d+|blake2[bs])\b/i.test(name))
    .map(([algorithm, hex]) => {
      if (isHashAlgorithm(algorithm) && isHexDigest(algorithm, hex)) return { algorithm, hex: hex.toLowerCase() };
      const message = `${place}: "${url.hash}" is no sha256, sha384 or sha512 of a file, in hex`;
      throw new UsageError("invalid-url", message, { hint: 'Write "#sha256=…", or leave it out' });
    });
}

function parseUrl(text: string, place: string): URL {
  try {
    const url = new URL(text);
    if (url.protocol === "https:" || url.protocol === "http:" || url.protocol === "file:") return url;
  } catch (error) {
    throw new UsageError("invalid-url", `${place}: "${text}" is not a URL: ${messageOf(error)}`);
  }
  throw new UsageError("unsupported-url", `${place}: tspip does not install from "${shown(new URL(text))}"`, {
    hint: "Only https and file URLs of wheels are installed; version control is not",
  });
}
