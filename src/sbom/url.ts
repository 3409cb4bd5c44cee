/** Longer than any address that a browser or proxy takes. */
const maxLength = 8192;

/**
 * A URL that may stand in a document for others: absolute, of one of the given schemes, without user and password.
 * Nothing when `text` is no such URL: a `javascript:` link in METADATA must not become one in a report.
 */
export function publicUrl(text: string, schemes: readonly `${string}:`[]): string | undefined {
  if (text.length > maxLength) return undefined;
  const url = URL.parse(text);
  if (url === null || !(schemes as readonly string[]).includes(url.protocol)) return undefined;
  url.username = "";
  url.password = "";
  return toUri(url);
}

/** The URL standard leaves characters in that RFC 3986 has percent-encoded, and schemas ask for by `anyURI`. */
function toUri({ href, protocol, host }: URL): string {
  const beforePath = href.indexOf(host, protocol.length) + host.length;
  const [rest = "", ...fragment] = href.slice(beforePath).split("#");
  const encoded = [rest, ...(fragment.length === 0 ? [] : [fragment.join("%23")])].map((part) =>
    part.replace(/[|[\]^{}\\`"<>]|%(?![0-9A-Fa-f]{2})/g, (character) => encodeURIComponent(character)),
  );
  return href.slice(0, beforePath) + encoded.join("#");
}
