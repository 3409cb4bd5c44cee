/** A URL as messages show it: its query, fragment and user may hold secrets. */
export function shown(url: URL): string {
  return url.origin === "null" ? url.href : url.origin + url.pathname;
}
