import { styleText } from "node:util";
import type { Host, Output } from "./host.ts";

/**
 * Characters that could act on a terminal or lie about the order of text: C0 and C1 controls, DEL, bidirectional
 * controls (UAX #9), line and paragraph separators, zero-width and tag characters, blanks that count as letters,
 * lone surrogates and noncharacters.
 */
const unprintable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what we look for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff]|\u034f|[\u{e0000}-\u{e0fff}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/**
 * What a CI runner takes for a command when it stands in a job's log: `::error::…` (GitHub, at the start of a line, blanks
 * aside), `##[…]` and `##vso[…]` (GitHub, Azure), `##teamcity[…]` anywhere.
 */
const runnerCommand = /^[^\S\n]*::|##(?=\[|vso\[|teamcity\[)/gm;

/**
 * User and password of a URL, wherever one stands in a text; there may be an `@` in them that nobody escaped. A user alone may be a token.
 * A scheme is looked for once in each run of its letters: text from outside can be long.
 */
const credentials = /(?<![a-z0-9+.-])([a-z0-9+.-]+:\/\/)[^\s/"'<>]+@/gi;

/** Most text: nothing in it is for the expressions above to find, so that one look is enough. The dot is ours. */
const harmless = /^[\x20-\x22\x24-\x39\x3b-\x3f\x41-\x7e\xb7\n\t]*$/;

/**
 * Shows text from outside without the credentials in it: what could act on a terminal, or on a CI runner that reads the log, stands as `\u{…}`.
 * Newlines and tabs are kept.
 */
export function printable(text: string): string {
  if (harmless.test(text)) return text;
  return text
    .replace(credentials, "$1***@")
    .replace(unprintable, escaped)
    .replace(runnerCommand, (command) => command.slice(0, -1) + escaped(command.at(-1) ?? ""));
}

/** JSON that shows no text from outside as it is, and means the same: escapes are JSON's own. */
export function printableJson(json: string): string {
  return json
    .replace(credentials, "$1***@")
    .replace(unprintable, (found) => (found === "\n" ? found : jsonEscapes(found)))
    .replace(/##(?=\[|vso\[|teamcity\[)/g, "#\\u0023");
}

function jsonEscapes(text: string): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** As `printable`, on one line: for names and values inside a sentence. */
export function printableLine(text: string): string {
  return printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

export type ColorMode = "auto" | "always" | "never";
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";
export type Paint = (style: Style, text: string) => string;

/**
 * Colour only where somebody looks: a terminal, without NO_COLOR (no-color.org), or where FORCE_COLOR asks for it.
 * The output reads the same without.
 */
export function painter(output: Output, mode: ColorMode, env: Host["env"]): Paint {
  const wanted = mode === "always" || (mode === "auto" && isColorful(output, env));
  return wanted ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}

function isColorful(output: Output, env: Host["env"]): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0";
  return output.isTTY && env.TERM !== "dumb";
}

/** Talk on stderr: warnings, hints and progress. `quiet` keeps warnings, and drops the rest. */
export interface Talk {
  info(text: string): void;
  verbose(text: string): void;
  warn(text: string): void;
  /** One changing line on a terminal; nothing elsewhere. An empty text clears it. */
  progress(text: string): void;
}

/** The options by which a command talks. */
export interface TalkSettings {
  readonly verbose: number | boolean;
  readonly quiet: number | boolean;
  readonly progress: boolean;
  readonly color: ColorMode;
}

export function createTalk({ verbose, quiet, progress, color }: TalkSettings, { stderr, env }: Host): Talk {
  const paint = painter(stderr, color, env);
  const level = Number(verbose) - Number(quiet);
  const isLive = progress && stderr.isTTY && level >= 0 && env.TERM !== "dumb";
  let isShown = false;
  const clear = () => {
    if (isShown) stderr.write("\r\u001b[2K");
    isShown = false;
  };
  const line = (text: string) => {
    clear();
    stderr.write(`${text}\n`);
  };
  return {
    info: (text) => void (level >= 0 && line(printable(text))),
    verbose: (text) => void (level >= 1 && line(paint("dim", printable(text)))),
    warn: (text) => line(`${paint("yellow", "warning:")} ${printable(text)}`),
    progress: (text) => {
      if (!isLive) return;
      clear();
      if (text === "") return;
      stderr.write(paint("dim", printableLine(text).slice(0, 100)));
      isShown = true;
    },
  };
}
