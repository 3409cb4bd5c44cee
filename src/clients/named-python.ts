import { type ClientCommand, type ClientName, programAt, valuedShort } from "./client.ts";
import type { Env } from "./environment.ts";
import { readPipWords } from "./pip-words.ts";

/** What a command says of the Python that it installs for, as its words have it: an environment, an interpreter, a version. */
export function namedPythons(command: ClientCommand): string[] {
  const { client, words } = command;
  if (client === "uv") return placesOfPython(command).map(({ value }) => value);
  const named = client === "pip" ? readPipWords(words).settings.python : undefined;
  return named === undefined ? [] : [named];
}

/** Options and variables that ask for other files than an interpreter's wheels: those of another platform, or to be built. */
export function otherFiles({ client, words }: ClientCommand, env: Env): string[] {
  if (client === undefined) return [];
  const asked = words.flatMap((word) => options[client]?.exec(word) ?? []);
  const set = Object.keys(env).filter((name) => noBinary.test(name) && (env[name] ?? "") !== "");
  return [...asked, ...set.filter((name) => name.startsWith(client.toUpperCase()))];
}

const options: Readonly<Partial<Record<ClientName, RegExp>>> = {
  uv: /^--(?:python-version|python-platform|no-binary|no-binary-package)(?=$|=)/,
  pip: /^--(?:python-version|platform|implementation|abi|no-binary)(?=$|=)/,
};

const noBinary = /^(?:UV_NO_BINARY(?:_PACKAGE)?|PIP_NO_BINARY|PDM_NO_BINARY|POETRY_INSTALLER_NO_BINARY)$/;

/** The words of the whole command, with `executable` in place of the Python that uv is told. */
export function withPython(given: readonly string[], command: ClientCommand, executable: string): string[] {
  const words = [...command.words];
  for (const { at, before } of placesOfPython(command)) words[at] = before + executable;
  return [...given.slice(0, given.length - words.length), ...words];
}

interface PlaceOfPython {
  readonly at: number;
  /** What the word has before the value. */
  readonly before: string;
  readonly value: string;
}

/** `-p X`, `--python X`, `--python=X`, `-qpX`. */
function placesOfPython(command: ClientCommand): PlaceOfPython[] {
  const words = command.words.slice(0, programAt(command));
  return words.flatMap((word, at) => {
    const [, before = "", value = ""] = /^(--python=|-[a-zA-Z]*?p)(.*)$/s.exec(word) ?? [];
    const isOfAnother = [...before.slice(1, -1)].some((letter) => valuedShort.uv.includes(letter));
    const isNext = word === "--python" || (value === "" && before !== "" && before !== "--python=");
    if (isNext && !isOfAnother) return { at: at + 1, before: "", value: command.words[at + 1] ?? "" };
    return before === "" || (before !== "--python=" && isOfAnother) ? [] : { at, before, value };
  });
}
