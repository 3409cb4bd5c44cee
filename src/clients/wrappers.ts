import { redirecting } from "./environment.ts";

/** A program that starts the one that is named behind its options. */
interface Wrapper {
  /** As words; of a shell, each command of its script. */
  readonly commands: readonly (readonly string[])[];
  readonly isShell: boolean;
  /** A word by which the command runs in another folder. */
  readonly elsewhere?: string;
}

/** Wrappers, and which of their short options take the next word. */
const wrappers: Readonly<Record<string, string>> = {
  env: "uCS",
  timeout: "ks",
  nice: "n",
  ionice: "cnpPu",
  nohup: "",
  setsid: "",
  stdbuf: "ioe",
  time: "fo",
  xargs: "aEIdLnPs",
  sudo: "CDghpRrTtUu",
  doas: "Cu",
};
/** Their long options that take the next word. */
const valuedLong = new Set(
  ["unset", "chdir", "split-string", "signal", "kill-after", "adjustment", "user", "group", "host", "prompt"].map(
    (name) => `--${name}`,
  ),
);
/** Their options that name a folder to start in. */
const folderOptions: Readonly<Record<string, RegExp>> = {
  env: /^(?:-[a-zA-Z0]*C|--ch)/,
  sudo: /^(?:-[a-zA-Z]*D|--ch)/,
};
const shells = new Set(["sh", "bash", "dash", "zsh", "ksh", "ash"]);

/** What a wrapper starts; undefined for any other program. @param name without folders */
export function readWrapper(name: string, words: readonly string[]): Wrapper | undefined {
  if (shells.has(name)) {
    const commands = shellCommands(words);
    const elsewhere = commands.map(([first = ""]) => first).find((first) => /^(?:cd|chdir|pushd)$/.test(first));
    return { commands, isShell: true, ...(elsewhere !== undefined && { elsewhere }) };
  }
  const valued = Object.hasOwn(wrappers, name) ? wrappers[name] : undefined;
  if (valued === undefined) return undefined;
  const own = ownLength(words, valued, name === "timeout" ? 1 : 0);
  const commands = own === words.length ? [] : [words.slice(own)];
  const elsewhere = words.slice(0, own).find((word) => folderOptions[name]?.test(word));
  return { commands, isShell: false, ...(elsewhere !== undefined && { elsewhere }) };
}

/** How many words are the wrapper's: options, `NAME=value`, and as many operands as it has. */
function ownLength(words: readonly string[], valued: string, operands: number): number {
  let left = operands;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const isAssignment = /^[\w-]+=/.test(word) && !word.startsWith("-");
    if (!word.startsWith("-") && !isAssignment && left-- === 0) return at;
    const takesNext = word.length === 2 && word.startsWith("-") && valued.includes(word.charAt(1));
    if (takesNext || valuedLong.has(word)) at++;
  }
  return words.length;
}

/** The commands of `sh -c SCRIPT`, cut where a shell would; what a variable or a substitution holds cannot be known. */
function shellCommands(words: readonly string[]): string[][] {
  const script = words[words.findIndex((word) => /^-[a-z]*c$/.test(word)) + 1] ?? "";
  if (!words.some((word) => /^-[a-z]*c$/.test(word))) return [];
  return script
    .split(/&&|\|\||[;|\n(){}`]|&(?=\s|$)/)
    .map((part) =>
      splitWords(part.replace(/^\s*(?:(?:then|do|else|if|while|until|exec|export|command|builtin|!|\$)\s+)*/, "")),
    )
    .filter((command) => command.length > 0)
    .map((command) => (/^\w+=/.test(command[0] ?? "") ? ["env", ...command] : command));
}

/** Words as a shell has them: white space divides, quotes hold together. */
export function splitWords(text: string): string[] {
  const found = text.match(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+|["'\\]/gs) ?? [];
  return found.map((word) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs,
      (_, double?: string, single?: string, escaped?: string) =>
        double?.replace(/\\(["\\$`])/g, "$1") ?? single ?? escaped ?? "",
    ),
  );
}

/** Variables that say which lock a command goes by, and which files of it are taken: both are known before it starts. */
const choosing =
  /^(?:UV_(?:FROZEN|LOCKED|PYTHON|NO_BINARY\w*|PROJECT|PROJECT_ENVIRONMENT|WORKING_DIR\w*|ENV_FILE)|PDM_(?:PYTHON|NO_BINARY|LOCKFILE|PROJECT)|PIPENV_PIPFILE|POETRY_\w+)$/i;

/** Whether a variable says where installers go, or what they go by. */
export function leadsInstallers(variable: string): boolean {
  return redirecting.test(variable) || choosing.test(variable);
}

/** The word by which a wrapper takes the environment away that leads installers, or puts another in its place. */
export function ledAwayByWrapper(name: string, words: readonly string[]): string | undefined {
  if (name === "doas") return name;
  if (name !== "env" && name !== "sudo") return undefined;
  const own = words.slice(0, ownLength(words, wrappers[name] ?? "", 0));
  if (name === "sudo" && !own.some((word) => /^(?:-[a-zA-Z]*E[a-zA-Z]*|--preserve-env)$/.test(word))) return name;
  return own.find((word, at) => {
    const isEmptied = /^(?:-|-[a-zA-Z0]*i[a-zA-Z0]*|--ignore-environment)$/.test(word);
    if (name === "env" && isEmptied) return true;
    const before = own[at - 1];
    const unset = before === "-u" || before === "--unset" ? word : /^(?:-u|--unset=)(.+)$/.exec(word)?.[1];
    const variable = unset ?? /^([\w-]+)=/.exec(word)?.[1] ?? "";
    return leadsInstallers(variable);
  });
}
