import type { PinnedDigest } from "../distribution/artifact.ts";
import { isHashAlgorithm, isHexDigest } from "../distribution/digest.ts";
import { parseRequirement, type Requirement } from "../distribution/requirement.ts";
import { requirementsLines } from "../distribution/requirements-lines.ts";
import { TspipError, UsageError } from "../errors.ts";
import { refusedOptions } from "./refused-options.ts";

/** A requirements file (pip's format), read and not yet followed: `-r` and `-c` are for the caller to read. */
export interface RequirementsFile {
  readonly entries: readonly RequirementsEntry[];
  readonly options: readonly FileOption[];
}

/** One line that asks for something: a requirement, or an artifact by path or URL. */
export type RequirementsEntry = { readonly place: string; readonly pins: readonly PinnedDigest[] } & (
  | { readonly kind: "requirement"; readonly requirement: Requirement }
  | { readonly kind: "location"; readonly location: string }
);

/** An option that holds for the whole run. */
export interface FileOption {
  readonly name: FileOptionName;
  /** Empty for options without one. */
  readonly value: string;
  readonly place: string;
}

/** Options that tspip follows, and whether they take a value. */
const followed = {
  "--requirement": true,
  "--constraint": true,
  "--index-url": true,
  "--extra-index-url": true,
  "--find-links": true,
  "--no-index": false,
  "--require-hashes": false,
  "--pre": false,
} as const;
export type FileOptionName = keyof typeof followed;

/** Options that change nothing here, since only wheels are installed. */
const withoutEffect: Readonly<Record<string, boolean>> = {
  "--prefer-binary": false,
  "--only-binary": true,
  "--use-feature": true,
};

const shortNames: Readonly<Record<string, string>> = {
  "-r": "--requirement",
  "-c": "--constraint",
  "-i": "--index-url",
  "--pypi-url": "--index-url",
  "-f": "--find-links",
  "-e": "--editable",
  "-C": "--config-settings",
};

/**
 * Parses a requirements file: joins continued lines, drops comments, puts in the values of `${NAME}`.
 * @param file the file's name, for messages
 * @throws UsageError `invalid-requirements-file`, naming file and line
 */
export function parseRequirementsFile(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>> = {},
): RequirementsFile {
  const entries: RequirementsEntry[] = [];
  const options: FileOption[] = [];
  for (const { line, number } of requirementsLines(text, env)) {
    const place = `${file}:${number}`;
    if (line.startsWith("-")) options.push(...parseOptionLine(line, place));
    else entries.push(parseEntry(line, place));
  }
  return { entries, options };
}

function parseOptionLine(line: string, place: string): FileOption[] {
  const options: FileOption[] = [];
  const waiting = words(line, place);
  for (let word = waiting.shift(); word !== undefined; word = waiting.shift()) {
    const [name, attached] = splitOption(word);
    const reason = refusedOptions[name];
    if (reason !== undefined) throw invalid(place, `${name} is refused: ${reason}`);
    const takesValue = isFollowed(name) ? followed[name] : withoutEffect[name];
    if (takesValue === undefined) throw invalid(place, `unknown option "${name}"`, nearest(name));
    const value = takesValue ? (attached ?? waiting.shift()) : "";
    if (value === undefined) throw invalid(place, `${name} needs a value`);
    if (!takesValue && attached !== undefined) throw invalid(place, `${name} takes no value`);
    if (isFollowed(name)) options.push({ name, value, place });
  }
  return options;
}

function parseEntry(line: string, place: string): RequirementsEntry {
  const at = line.search(/\s--?[a-zA-Z]/);
  const head = (at === -1 ? line : line.slice(0, at)).trim();
  const pins = at === -1 ? [] : parsePins(words(line.slice(at), place), place);
  if (isLocation(head)) return { kind: "location", location: head, pins, place };
  try {
    return { kind: "requirement", requirement: parseRequirement(head), pins, place };
  } catch (error) {
    if (!(error instanceof TspipError)) throw error;
    throw invalid(place, error.message);
  }
}

/** A path or URL, as opposed to `NAME @ URL`. */
export function isLocation(text: string): boolean {
  return (
    /^(?:[a-z][a-z0-9+.-]*:\/\/|file:|\.{0,2}[/\\]|~\/)/i.test(text) || /^[^@;\s]+\.(?:whl|zip|tar\.gz)$/i.test(text)
  );
}

function parsePins(options: readonly string[], place: string): PinnedDigest[] {
  const pins: PinnedDigest[] = [];
  for (let at = 0; at < options.length; at++) {
    const [name, attached] = splitOption(options[at] ?? "");
    if (refusedOptions[name] !== undefined) throw invalid(place, `${name} is refused: ${refusedOptions[name]}`);
    if (name !== "--hash") throw invalid(place, `a requirement cannot have the option "${name}"`);
    pins.push(parsePin(attached ?? options[++at] ?? "", place));
  }
  return pins;
}

function parsePin(text: string, place: string): PinnedDigest {
  const [algorithm = "", ...rest] = text.split(":");
  const hex = rest.join(":");
  if (!isHashAlgorithm(algorithm)) throw invalid(place, `--hash="${text}" is not sha256:…, sha384:… or sha512:…`);
  if (!isHexDigest(algorithm, hex)) throw invalid(place, `--hash="${text}" is no ${algorithm} digest in hex`);
  return { algorithm, hex: hex.toLowerCase() };
}

/** Splits as a shell does, as far as pip does: white space, quotes. */
function words(text: string, place: string): string[] {
  const found: string[] = [];
  const pattern = /\s*((?:[^\s"']|"[^"]*"|'[^']*')+)\s*/y;
  while (pattern.lastIndex < text.length) {
    const word = pattern.exec(text)?.[1];
    if (word === undefined) throw invalid(place, "a quotation mark is not closed");
    found.push(word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
  }
  return found;
}

/** `--name=value`, `--name`, `-rvalue`. */
function splitOption(word: string): [name: string, value?: string] {
  if (!word.startsWith("--")) {
    const name = shortNames[word.slice(0, 2)] ?? word;
    return word.length > 2 && name !== word ? [name, word.slice(2)] : [name];
  }
  const at = word.indexOf("=");
  const name = at === -1 ? word : word.slice(0, at);
  const full = shortNames[name] ?? name;
  return at === -1 ? [full] : [full, word.slice(at + 1)];
}

function isFollowed(name: string): name is FileOptionName {
  return Object.hasOwn(followed, name);
}

/** A known option that begins alike. */
function nearest(name: string): string | undefined {
  const known = [...Object.keys(followed), ...Object.keys(withoutEffect), "--hash"];
  const close = known.find((option) => option.startsWith(name.slice(0, 6)) || name.startsWith(option.slice(0, 6)));
  return close === undefined ? undefined : `Did you mean ${close}?`;
}

function invalid(place: string, message: string, hint?: string): UsageError {
  return new UsageError("invalid-requirements-file", `${place}: ${message}`, hint === undefined ? {} : { hint });
}
