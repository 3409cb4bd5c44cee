import { type ClientCommand, operands, programAt } from "./client.ts";
import type { Env } from "./environment.ts";
import { requirementsInPipWords } from "./pip-words.ts";

/** Options of uv, PDM and pipenv that name requirements and constraints files. */
const named = /^--(?:requirements?|requirements-file|(?:build-)?constraints?|overrides?|with-requirements)(?:=(.*))?$/s;
/** The same for all that is not pip, in one letter. */
const short = /^-[a-zA-Z]*?[rcb](.*)$/s;
/** Variables that do the same. */
const variables: Readonly<Record<string, readonly string[]>> = {
  pip: ["PIP_REQUIREMENT", "PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT"],
  uv: ["UV_CONSTRAINT", "UV_OVERRIDE", "UV_BUILD_CONSTRAINT"],
};

/** The requirements and constraints files that a command goes by, as it has them. What these name is not followed. */
export function requirementsFiles(command: ClientCommand, env: Env): string[] {
  const { client } = command;
  const words = command.words.slice(0, programAt(command));
  const listed = words.filter((word) => /^[^-].*\.(?:txt|in)$/.test(word));
  const optional =
    client === "pip" ? requirementsInPipWords(words) : words.flatMap((word, at) => inWord(word, words[at + 1]));
  const set = (client === "uv" ? variables.uv : variables.pip) ?? [];
  const fromVariables = set.flatMap((name) => env[name]?.split(/\s+/) ?? []).filter((file) => file !== "");
  const isRead = client !== undefined && client !== "build";
  return [...new Set([...(isRead ? [...listed, ...syncedFiles(command), ...optional] : []), ...fromVariables])];
}

/** `uv pip sync FILE`, whatever the file is called. */
function syncedFiles(command: ClientCommand): string[] {
  const [verb, pipVerb = "", ...files] = operands(command);
  return command.client === "uv" && verb === "pip" && ["sync", "compile"].includes(pipVerb) ? files : [];
}

/** Where the wheel may be that a word names by path: `./a.whl[extra]`, `NAME @ file:///x/a.whl#sha256=…`, `--with=a.whl`. */
export function wheelPaths(word: string): string[] {
  const [, path] =
    /^(?:--[a-z-]+=)?(?:[\w.-]+\s*(?:\[[^\]]*\]\s*)?@\s*(?!\s))?(.*\.whl)\s*(?:[[#?;].*)?$/s.exec(word) ?? [];
  // uv takes what follows `file:` for a path from here, too.
  return path === undefined ? [] : [path, unescaped(path.replace(/^file:(?:\/\/(?:localhost)?(?=\/))?/i, ""))];
}

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function inWord(word: string, next: string | undefined): string[] {
  const long = named.exec(word);
  const value = long === null ? short.exec(word)?.[1] : (long[1] ?? "");
  if (value === undefined) return [];
  return value === "" ? (next === undefined ? [] : [next]) : [value];
}
