import { basename } from "node:path";
import { parse } from "smol-toml";
import { isTable, tableOrNothing } from "../encoding/table.ts";
import { type ClientCommand, operands, programAt } from "./client.ts";
import { type Env, isSet } from "./environment.ts";

/** A lock file that an installer takes files from without asking an index: it is to be judged before the command runs. */
export interface LockFirst {
  /** A path as the command has it, or a name to be looked for where the project is. */
  readonly file: string;
  readonly isNamed: boolean;
  /** Whether a file of this text is one; left out where each is. */
  readonly isOne?: (text: string) => boolean;
  /** Whether the installer asks an index which of the locked files there are, and so chooses among all that fit. */
  readonly choosesAnew?: boolean;
}

/**
 * The lock files that a command goes by. uv with `--frozen` or `--locked`, and any installer with a pylock.toml, fetch
 * from the URLs in it, and so do PDM and pipenv where their locks have them; poetry cannot be pointed to another index and goes by the digests in its lock. All of them refuse
 * bytes with other digests than the lock's, so what was judged is what they install. From the lock of a script uv fetches
 * without `--frozen` as well: it compares no indexes there.
 */
export function locksFirst(command: ClientCommand, env: Env): LockFirst[] {
  const { client, words } = command;
  const pylocks = words
    .map((word) => word.replace(/^--?[a-z-]+=/, ""))
    .filter((word) => /^pylock\.(?:[^.]+\.)?toml$/.test(basename(word)))
    .map((file) => ({ file, isNamed: true }));
  const [verb] = operands(command);
  if (client === "uv" && (verb === "run" || verb === "sync")) pylocks.push(...scriptLocks(command));
  if (client === "uv" && isFrozen(words, env) && ["sync", "run", "export", "add", "remove"].includes(verb ?? ""))
    return [...pylocks, { file: "uv.lock", isNamed: false }];
  if (client === "poetry" && ["install", "sync"].includes(verb ?? ""))
    return [...pylocks, { file: "poetry.lock", isNamed: false, choosesAnew: true }];
  if (client === "pdm" && ["install", "sync"].includes(verb ?? ""))
    return [...pylocks, ...pdmLocks(words, env).map((lock) => ({ ...lock, isOne: pdmLockHoldsUrls }))];
  if (client === "pipenv" && ["install", "sync", "update", "upgrade"].includes(verb ?? ""))
    return [...pylocks, { ...pipfileLock(env), isOne: pipfileLockHoldsUrls }];
  return client !== undefined && !isWriting(verb) ? pylocks : [];
}

/** `-L FILE`, `--lockfile FILE`. */
function pdmLocks(words: readonly string[], { PDM_LOCKFILE }: Env): LockFirst[] {
  const named = words.flatMap((word, at) => {
    const [, inline] = /^(?:--lockfile=|-L)(.+)$/s.exec(word) ?? [];
    return inline ?? (word === "-L" || word === "--lockfile" ? (words[at + 1] ?? []) : []);
  });
  const files = [...named, ...(PDM_LOCKFILE ? [PDM_LOCKFILE] : [])];
  return [...files.map((file) => ({ file, isNamed: true })), { file: "pdm.lock", isNamed: false }];
}

/** Pipenv is told of another Pipfile by its environment alone. */
function pipfileLock({ PIPENV_PIPFILE }: Env): LockFirst {
  return PIPENV_PIPFILE ? { file: `${PIPENV_PIPFILE}.lock`, isNamed: true } : { file: "Pipfile.lock", isNamed: false };
}

const direct = ["url", "uri", "file", "git", "hg", "svn", "bzr"];

function isDirect(entry: unknown): boolean {
  return isTable(entry) && direct.some((key) => Object.hasOwn(entry, key));
}

/** What cannot be read is for judging to refuse. */
function pdmLockHoldsUrls(text: string): boolean {
  if (text.includes("static_urls")) return true;
  const packages = tableOrNothing(text, parse)?.package;
  return !Array.isArray(packages) || packages.some(isDirect);
}

function pipfileLockHoldsUrls(text: string): boolean {
  const lock = tableOrNothing(text, JSON.parse);
  if (lock === undefined) return true;
  return Object.entries(lock).some(([section, packages]) => {
    return section !== "_meta" && isTable(packages) && Object.values(packages).some(isDirect);
  });
}

/** `uv run s.py`, `uv sync --script=s.py`: s.py.lock, where there is one. */
function scriptLocks(command: ClientCommand): { readonly file: string; readonly isNamed: boolean }[] {
  const program = programAt(command);
  const words = command.words.slice(0, program === undefined ? undefined : program + 1);
  const [, ...named] = operands({ ...command, words });
  const inline = words.flatMap((word) => /^(?:--script=|-s)(.+)$/s.exec(word)?.[1] ?? []);
  const isTold = words.some((word) => /^(?:-[a-zA-Z]*s|--(?:gui-)?script)/.test(word));
  const scripts = [...named, ...inline].filter((script) => isTold || /\.py[cw]?$/i.test(script));
  return scripts.map((script) => ({ file: `${script}.lock`, isNamed: true }));
}

/** `uv pip compile -o pylock.toml`, `pip lock`: they make the file. */
function isWriting(verb: string | undefined): boolean {
  return verb === "lock" || verb === "export" || verb === "compile";
}

function isFrozen(words: readonly string[], env: Env): boolean {
  return words.includes("--frozen") || words.includes("--locked") || isSet(env.UV_FROZEN) || isSet(env.UV_LOCKED);
}

/**
 * uv compares indexes as well when it is asked whether a lock file is up to date, and ours is another. So that is asked
 * apart, with the user's own indexes, and the command then runs with `--frozen`.
 */
export function frozenInstead(command: ClientCommand, env: Env): boolean {
  const { client, words } = command;
  const isLocked = words.slice(0, programAt(command)).includes("--locked") || isSet(env.UV_LOCKED);
  return client === "uv" && !isWriting(operands(command)[0]) && isLocked;
}

/** The words of the whole command, so that uv does not compare anew. */
export function frozen(given: readonly string[], command: ClientCommand): string[] {
  const own = given.length - command.words.length;
  const program = programAt(command) ?? command.words.length;
  return given.map((word, at) => (word === "--locked" && at < own + program ? "--frozen" : word));
}

/** The script that `uv run` starts, or that `--script` names. A program whose name does not end in .py is one where uv is told so. */
export function namedScript(command: ClientCommand): string | undefined {
  const program = programAt(command);
  const words = command.words.slice(0, program);
  const target = program === undefined ? undefined : command.words[program];
  const isTold = words.some((word) => word === "-s" || word === "--script");
  if (target !== undefined) return isTold || /\.pyw?$/i.test(target) ? target : undefined;
  const inline = words.find((word) => word.startsWith("--script="));
  return inline?.slice("--script=".length) ?? (isTold ? words[words.indexOf("--script") + 1] : undefined);
}

/** What poetry does beside installing from its lock would go to its own index, whatever it is told. */
export function isUnguidable(command: ClientCommand): boolean {
  const [verb] = operands(command);
  const guided = ["install", "sync", "check", "show", "run", "env", "version", "config", "build", "about", "help"];
  return command.client === "poetry" && verb !== undefined && !guided.includes(verb);
}
