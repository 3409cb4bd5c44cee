/** User and password for a host. */
export interface NetrcEntry {
  readonly host: string;
  readonly login: string;
  readonly password: string;
}

/**
 * Reads a `.netrc` file as Python's netrc module does: `machine HOST login USER password SECRET`, in any layout. The
 * entry `default` is passed over, as it would send a password to every host; macros are skipped.
 */
export function parseNetrc(text: string): NetrcEntry[] {
  const withoutMacros = text.replace(/^\s*macdef\b[^\n]*\n(?:[^\n]*\S[^\n]*(?:\n|$))*/gm, "");
  const withoutComments = withoutMacros.replace(/(^|\s)#(?=\s)[^\n]*/g, "$1").replace(/^\s*#[^\n]*/gm, "");
  const words = [...withoutComments.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, quoted, bare]) => quoted?.replace(/\\(.)/g, "$1") ?? bare ?? "",
  );
  const entries: { host?: string; login: string; password: string }[] = [];
  for (let at = 0; at < words.length; at++) {
    const [word, value = ""] = [words[at], words[at + 1]];
    const current = entries.at(-1);
    if (word === "default") entries.push({ login: "", password: "" });
    else if (word === "machine") entries.push({ host: value, login: "", password: "" });
    else if (current !== undefined && (word === "login" || word === "user")) current.login = value;
    else if (current !== undefined && word === "password") current.password = value;
    if (word !== "default") at++;
  }
  return entries.flatMap(({ host, ...rest }) => (host === undefined ? [] : [{ host: host.toLowerCase(), ...rest }]));
}
