import { basename, dirname } from "node:path";
import type { Env } from "./environment.ts";
import { ledAwayByWrapper, readWrapper } from "./wrappers.ts";

/** Installers that tspip knows the ways of. */
const clientNames = ["pip", "uv", "poetry", "pdm", "pipenv", "pipx", "build"] as const;
export type ClientName = (typeof clientNames)[number];

/** A command line, as far as it says which installer runs and what it is told. */
export interface ClientCommand {
  /** Absent for any other program, which may well start an installer itself. */
  readonly client?: ClientName;
  /** What stands behind the program's name. */
  readonly words: readonly string[];
  /** The words before those: the program, what starts it, and with what. */
  readonly start: readonly string[];
  /** A word by which a wrapper takes away what leads the installer: `sudo`, `PIP_INDEX_URL=…`. */
  readonly ledAway?: string;
  /** A word by which it, or what it starts, runs in another folder: `cd`, `--chdir`. */
  readonly elsewhere?: string;
  /** Commands that this one starts and that can be read: those of `sh -c`, and that of `uv run`. */
  readonly inner: readonly ClientCommand[];
  /** A program that may do what nobody can read from the command line. */
  readonly unknown?: string;
}

/** Reads `pip3.11 install …`, `/usr/bin/uv sync`, `python -m pip …`, also behind `env`, `timeout` and their like. */
export function readCommand(given: readonly string[]): ClientCommand {
  const [program = "", ...words] = given;
  const name = programName(program);
  const wrapper = readWrapper(name, words);
  if (wrapper === undefined) return readProgram(name, program, words);
  const commands = wrapper.commands.map(readCommand);
  const [only] = commands;
  const ledAway = ledAwayByWrapper(name, words) ?? (wrapper.isShell ? undefined : only?.ledAway);
  const elsewhere = wrapper.elsewhere ?? only?.elsewhere;
  const led = { ...(ledAway !== undefined && { ledAway }), ...(elsewhere !== undefined && { elsewhere }) };
  if (wrapper.isShell || only === undefined) return { words, start: [program], inner: commands, unknown: name, ...led };
  const [behind] = wrapper.commands;
  const start = [...given.slice(0, given.length - (behind?.length ?? 0)), ...only.start];
  // What comes to xargs by its input cannot be read.
  return { ...only, start, ...led, ...(name === "xargs" && { unknown: name }) };
}

function readProgram(name: string, program: string, words: readonly string[]): ClientCommand {
  if (!/^(?:py|pythonw?|pypy)[\d.]*t?$/.test(name)) return named(name, [program], words);
  const { at, module } = pythonModule(words);
  const command = named(module, [program, ...words.slice(0, at)], words.slice(at));
  return command.client === undefined ? { words, start: [program], inner: [], unknown: name } : command;
}

/** By the names of their programs; nobody's own "build" is the one of PyPA. */
const programs: ReadonlyMap<string, ClientName> = new Map([
  ...clientNames.filter((name) => name !== "build").map((name) => [name, name] as const),
  ["pyproject-build", "build"],
  ["pip.pyz", "pip"],
  ["uvx", "uv"],
]);

function named(name: string, start: readonly string[], words: readonly string[]): ClientCommand {
  const client = programs.get(name.replace(/^pip[\d.]+$/, "pip"));
  if (client === undefined) return { start, words, inner: [], unknown: name };
  if (name === "uvx") return withInner({ client, start, words: ["tool", "run", ...words], inner: [] });
  return withInner({ client, start, words, inner: [] });
}

function withInner(command: ClientCommand): ClientCommand {
  const at = programAt(command);
  return at === undefined ? command : { ...command, inner: [readCommand(command.words.slice(at))] };
}

function programName(program: string): string {
  return basename(program)
    .replace(/\.exe$/i, "")
    .toLowerCase();
}

/** The module or script that Python runs (`-mpip`, `-Im pip`, `-X utf8 -m pip`, a path), and where its words begin. */
function pythonModule(words: readonly string[]): { readonly module: string; readonly at: number } {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (!word.startsWith("-")) return { module: scriptName(word), at: at + 1 };
    const [, letter, inline = ""] = /^-[a-zA-Z]*?([mcWX])(.*)$/s.exec(word) ?? [];
    if (letter === "m" && inline !== "") return { module: moduleName(inline), at: at + 1 };
    if (letter === "m") return { module: moduleName(words[at + 1] ?? ""), at: at + 2 };
    if (letter === "c") break;
    if ((letter !== undefined && inline === "") || word === "--check-hash-based-pycs") at++;
  }
  return { module: "", at: words.length };
}

/** `pip.__main__` runs pip, and of build the program has a longer name. */
function moduleName(module: string): string {
  return (module.split(".")[0] ?? "").replace(/^build$/, "pyproject-build");
}

/** `…/site-packages/pip`, `…/pip/__main__.py`, `.venv/bin/pip`. */
function scriptName(path: string): string {
  return basename(path) === "__main__.py" ? basename(dirname(path)) : basename(path);
}

/** Long options with a value that stand before a sub-command or a program: of uv, and of poetry and PDM. */
const valuedLong = new Set(
  (
    "extra no-extra group no-group only-group no-editable-package env-file with with-editable with-requirements from package " +
    "python python-platform python-preference index default-index index-url extra-index-url find-links index-strategy " +
    "keyring-provider upgrade-package upgrade-group resolution prerelease prerelease-package fork-strategy exclude-newer " +
    "exclude-newer-package no-sources-package reinstall-package link-mode config-setting config-settings-package " +
    "no-build-isolation-package no-build-package no-binary-package cache-dir refresh-package color allow-insecure-host " +
    "directory project config-file constraints build-constraints overrides torch-backend config pypi-mirror spec pip-args"
  )
    .split(" ")
    .map((name) => `--${name}`),
);
/** Short options with a value: what follows them in the same word is no option. */
export const valuedShort: Readonly<Record<ClientName, string>> = {
  pip: "ifrcetdwbC",
  uv: "ifrcebtwpPCo",
  poetry: "CP",
  pdm: "cpLGo",
  pipenv: "irec",
  pipx: "i",
  build: "owxCs",
};

/** Where words stand that are no options and no value of one; behind `--`, the first. */
function* operandPlaces({ client, words }: Pick<ClientCommand, "client" | "words">): Generator<number> {
  const valued = client === undefined ? "" : valuedShort[client];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--") {
      if (at + 1 < words.length) yield at + 1;
      return;
    }
    if (!word.startsWith("-") || word === "-") yield at;
    else if (valuedLong.has(word) || (/^-[a-zA-Z]+$/.test(word) && endsInValued(word, valued))) at++;
  }
}

function endsInValued(word: string, valued: string): boolean {
  const first = [...word.slice(1)].findIndex((letter) => valued.includes(letter));
  return first === word.length - 2;
}

/** Where the program stands that `uv run`, `uv tool run`, `poetry run`, `pdm run`, `pipenv run`, `pipx run` start. */
export function programAt(command: Pick<ClientCommand, "client" | "words">): number | undefined {
  if (command.client === undefined || command.client === "pip" || command.client === "build") return undefined;
  const [verb, second, third] = operandPlaces(command);
  const word = (at: number | undefined) => (at === undefined ? undefined : command.words[at]);
  if (word(verb) === "run") return second;
  return command.client === "uv" && word(verb) === "tool" && word(second) === "run" ? third : undefined;
}

/** The words that are no options: the sub-command, and what follows it. */
export function operands(command: Pick<ClientCommand, "client" | "words">): string[] {
  return [...operandPlaces(command)].map((at) => command.words[at] ?? "");
}

/** The command, and those that it starts and that can be read. */
export function everyCommand(command: ClientCommand): ClientCommand[] {
  const { elsewhere } = command;
  const inner = command.inner.map((each) => (elsewhere === undefined ? each : { ...each, elsewhere }));
  return [command, ...inner.flatMap(everyCommand)];
}

/** Options, by installer, that name the folder of the project. */
const folderOptions: Readonly<Partial<Record<ClientName, RegExp>>> = {
  uv: /^--(?:directory|project)(?:=(.*))?$/s,
  poetry: /^(?:--(?:directory|project)(?:=(.*))?|-[CP])$/s,
  pdm: /^(?:--project(?:=(.*))?|-p)$/s,
};

/** The words of a command that name the folder of its project, as it has them. */
export function folderWords(command: ClientCommand): string[] {
  const option = command.client === undefined ? undefined : folderOptions[command.client];
  const words = command.words.slice(0, programAt(command));
  return words.flatMap((word, at) => {
    const match = option?.exec(word) ?? null;
    return match === null ? [] : words.slice(at, at + (match[1] === undefined ? 2 : 1));
  });
}

/** The folders that a command is told to look for its project in, each seen from the one before. */
export function projectFolders(command: ClientCommand, env: Env): string[] {
  const option = command.client === undefined ? undefined : folderOptions[command.client];
  const told = command.client === "uv" ? [env.UV_WORKING_DIR || env.UV_WORKING_DIRECTORY, env.UV_PROJECT] : [];
  const words = command.words.slice(0, programAt(command));
  const named = words.flatMap((word, at) => {
    const match = option?.exec(word) ?? null;
    return match === null ? [] : (match[1] ?? words[at + 1] ?? []);
  });
  return named.length > 0 ? named : told.flatMap((folder) => folder || []);
}
