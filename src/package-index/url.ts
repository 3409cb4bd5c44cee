/** A URL as messages show it: its query, fragment and user may hold secrets. */
export function shown(url: URL): string {
  const copy = withoutCredentials(url);
  copy.search = "";
  copy.hash = "";
  return copy.href;
}

/** A copy without user and password. They are sent by origin (`TransportOptions.credentials`), never by URL. */
export function withoutCredentials(url: URL): URL {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  return copy;
}
