import { basename } from "node:path";

/** Installers that tspip knows the ways of. */
export const clientNames = ["pip", "uv", "poetry", "pdm", "pipenv"] as const;
export type ClientName = (typeof clientNames)[number];

/** A command line, as far as it says which installer runs and what it is told. */
export interface ClientCommand {
  /** Absent for any other program, which may well start an installer itself. */
  readonly client?: ClientName;
  /** What stands behind the program's name. */
  readonly words: readonly string[];
}

/** Reads `pip3.11 install …`, `/usr/bin/uv sync`, `python -m pip …`. */
export function readCommand([program = "", ...words]: readonly string[]): ClientCommand {
  const name = basename(program).replace(/\.exe$/i, "");
  if (/^(?:python|pypy)[\d.]*$/.test(name)) {
    const at = words.indexOf("-m");
    const module = at === -1 ? undefined : words[at + 1];
    return module === undefined ? { words } : named(module, words.slice(at + 2));
  }
  return named(name.replace(/^pip[\d.]*$/, "pip"), words);
}

function named(name: string, words: readonly string[]): ClientCommand {
  const client = clientNames.find((known) => known === name);
  return client === undefined ? { words } : { client, words };
}

/** The words that are no options: the sub-command, and what follows it. */
export function operands({ words }: ClientCommand): string[] {
  return words.filter((word) => !word.startsWith("-"));
}
