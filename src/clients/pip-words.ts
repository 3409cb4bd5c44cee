import { valuedShort } from "./client.ts";

/** What pip's words say that is tspip's to follow, as tspip asks the indexes for pip. */
export interface PipSettings {
  readonly indexUrl?: string;
  readonly extraIndexUrl: readonly string[];
  readonly findLinks: readonly string[];
  readonly noIndex: boolean;
  readonly cert?: string;
  readonly clientCert?: string;
  readonly proxy?: string;
  readonly keyringProvider?: string;
  readonly timeout?: string;
  readonly retries?: string;
  /** An interpreter, or the folder of a virtual environment. */
  readonly python?: string;
  /** Hosts whose certificates pip shall not check. */
  readonly trustedHosts: readonly string[];
  /** These are for both. */
  readonly log?: string;
  readonly user: boolean;
  readonly breakSystemPackages: boolean;
  readonly verbose: number;
  readonly quiet: number;
}

/** pip's command line, taken apart. */
export interface PipCommandLine {
  /** What is left for pip, in order. */
  readonly words: readonly string[];
  readonly settings: PipSettings;
}

type Key =
  | "indexUrl"
  | "extraIndexUrl"
  | "findLinks"
  | "noIndex"
  | "cert"
  | "clientCert"
  | "proxy"
  | "keyringProvider"
  | "timeout"
  | "retries"
  | "python"
  | "trustedHosts"
  | "log"
  | "requirements"
  | "user"
  | "breakSystemPackages"
  | "verbose"
  | "quiet";

/** pip's options that concern us (pip, "general options" and "package index options"), with the other names that it has. */
const longOptions: Readonly<Record<string, Key>> = {
  "--index-url": "indexUrl",
  "--pypi-url": "indexUrl",
  "--extra-index-url": "extraIndexUrl",
  "--find-links": "findLinks",
  "--no-index": "noIndex",
  "--cert": "cert",
  "--client-cert": "clientCert",
  "--proxy": "proxy",
  "--keyring-provider": "keyringProvider",
  "--timeout": "timeout",
  "--default-timeout": "timeout",
  "--retries": "retries",
  "--python": "python",
  "--trusted-host": "trustedHosts",
  "--log": "log",
  "--log-file": "log",
  "--local-log": "log",
  "--requirement": "requirements",
  "--constraint": "requirements",
  "--build-constraint": "requirements",
  "--user": "user",
  "--break-system-packages": "breakSystemPackages",
  "--verbose": "verbose",
  "--quiet": "quiet",
};
const shortOptions: Readonly<Record<string, Key>> = {
  i: "indexUrl",
  f: "findLinks",
  r: "requirements",
  c: "requirements",
  v: "verbose",
  q: "quiet",
};
const flags: ReadonlySet<Key> = new Set(["noIndex", "user", "breakSystemPackages", "verbose", "quiet"]);
/** These stay among pip's words. */
const shared: ReadonlySet<Key> = new Set(["log", "requirements", "user", "breakSystemPackages", "verbose", "quiet"]);
/** Options of pip that begin like one of ours. */
const lookalikes = ["--no-input", "--no-isolation", "--progress-bar", "--python-version", "--log-level"];

/** Takes the words apart as pip's parser (optparse) reads them, shortened options and grouped letters included. */
export function readPipWords(given: readonly string[]): PipCommandLine {
  const { words, found } = takeApart(given);
  return { words, settings: toSettings(found) };
}

/** The requirements and constraints files that pip's words name, as they have them. */
export function requirementsInPipWords(given: readonly string[]): string[] {
  return takeApart(given).found.flatMap(([key, value]) => (key === "requirements" ? [value] : []));
}

function takeApart(given: readonly string[]): { readonly words: string[]; readonly found: readonly [Key, string][] } {
  const rest = [...given];
  const words: string[] = [];
  const found: [Key, string][] = [];
  while (rest.length > 0) {
    const word = rest.shift() ?? "";
    if (word === "--") {
      words.push(word, ...rest);
      break;
    }
    if (word.startsWith("--")) readLong(word, rest, words, found);
    else if (/^-[a-zA-Z]/.test(word)) readShort(word, rest, words, found);
    else words.push(word);
  }
  return { words, found };
}

function readLong(word: string, rest: string[], words: string[], found: [Key, string][]): void {
  const [, name = word, inline] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
  const key = keyOf(name);
  if (key === undefined) {
    words.push(word);
    return;
  }
  const value = flags.has(key) ? "" : (inline ?? rest.shift() ?? "");
  found.push([key, value]);
  if (shared.has(key)) words.push(...(flags.has(key) ? [word] : [`${name}=${value}`]));
}

/** optparse takes any beginning of an option that no other has. */
function keyOf(name: string): Key | undefined {
  const exact = Object.hasOwn(longOptions, name) ? longOptions[name] : undefined;
  if (exact !== undefined || name.length < 4 || lookalikes.some((other) => other.startsWith(name))) return exact;
  const keys = new Set(
    Object.keys(longOptions).flatMap((option) => (option.startsWith(name) ? longOptions[option] : [])),
  );
  const [only, ...others] = keys;
  return others.length === 0 ? only : undefined;
}

/** `-qi URL` is `-q -i URL`, and `-fURL` is `-f URL`. */
function readShort(word: string, rest: string[], words: string[], found: [Key, string][]): void {
  let kept = "";
  let after: string[] = [];
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at);
    const key = Object.hasOwn(shortOptions, letter) ? shortOptions[letter] : undefined;
    if (!valuedShort.pip.includes(letter)) {
      if (key !== undefined) found.push([key, ""]);
      kept += letter;
      continue;
    }
    const inline = word.slice(at + 1);
    if (key === undefined) kept += letter + inline;
    else {
      const value = inline || (rest.shift() ?? "");
      found.push([key, value]);
      if (shared.has(key)) kept += letter + inline;
      if (shared.has(key) && inline === "") after = [value];
    }
    break;
  }
  if (kept !== "") words.push(`-${kept}`, ...after);
}

function toSettings(found: readonly (readonly [Key, string])[]): PipSettings {
  const all = (key: Key) => found.flatMap(([name, value]) => (name === key ? [value] : []));
  const last = (key: Key) => all(key).at(-1);
  const given = Object.fromEntries(
    (["indexUrl", "cert", "clientCert", "proxy", "keyringProvider", "timeout", "retries", "python", "log"] as const)
      .map((key) => [key, last(key)])
      .filter(([, value]) => value !== undefined),
  );
  return {
    ...given,
    extraIndexUrl: all("extraIndexUrl"),
    findLinks: all("findLinks"),
    noIndex: all("noIndex").length > 0,
    trustedHosts: all("trustedHosts"),
    user: all("user").length > 0,
    breakSystemPackages: all("breakSystemPackages").length > 0,
    verbose: all("verbose").length,
    quiet: all("quiet").length,
  };
}
