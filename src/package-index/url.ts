/** A URL as messages show it: its query, fragment and user may hold secrets. */
export function shown(url: URL): string {
  const copy = new URL(withoutCredentials(url));
  copy.search = "";
  copy.hash = "";
  return copy.href;
}

/** The URL without user and password. They are sent by origin (`TransportOptions.credentials`), never by URL. */
export function withoutCredentials(url: URL): URL {
  // Pages list thousands of URLs, and a copy costs as much as parsing does.
  if (url.username === "" && url.password === "") return url;
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  return copy;
}

/** Whether two URLs of files mean the same: queries hold signatures that differ from answer to answer, fragments hold digests. */
export function isSamePlace(one: URL, other: URL): boolean {
  return one.origin === other.origin && one.pathname === other.pathname;
}
