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
  return url.href;
}
