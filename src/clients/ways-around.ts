import { type ClientCommand, type ClientName, everyCommand, programAt, valuedShort } from "./client.ts";
import { type Env, redirecting } from "./environment.ts";
import { locksFirst } from "./locks-first.ts";
import { readPipWords } from "./pip-words.ts";
import { wheelPaths } from "./requirements-files.ts";
import { splitWords } from "./wrappers.ts";

/** Something that leads an installer past the loopback index. */
export interface WayAround {
  /** `--index-url`, a URL, or a key of a file. */
  readonly what: string;
  readonly place: string;
  /** What it does, and what that means. */
  readonly why: string;
  /** What to do instead, where that is not to name the index to tspip. */
  readonly hint?: string;
}

/** Options with which pip, uv, PDM and pipenv go elsewhere, or forget what the environment tells them. */
const options: Readonly<Record<string, string>> = {
  "-i": "names an index",
  "--index-url": "names an index",
  "--pypi-url": "names an index",
  "--extra-index-url": "names an index",
  "--index": "names an index",
  "--default-index": "names an index",
  "--pypi-mirror": "names an index",
  "-f": "names a place of files",
  "--find-links": "names a place of files",
  "--isolated": "makes pip forget the index it is given",
  "-c": "names a configuration that may name an index",
  "--config": "names a configuration that may name an index",
  "--config-file": "names a configuration that may name an index",
  "--torch-backend": "names an index of its own",
  "--proxy": "asks a proxy in place of the index",
};
/** Options that mean something else in other programs than these. */
const onlyFor: Readonly<Record<string, readonly string[]>> = {
  "-i": ["pip", "uv", "pipenv", "pipx"],
  "-f": ["pip", "uv"],
  "-c": ["pdm"],
  "--config": ["pdm"],
  "--isolated": ["pip"],
  "--proxy": ["pip"],
};

/** What on the command line leads around the gate. Only the words of installers that we know are understood. */
export function waysAroundInCommand(command: ClientCommand, env: Env = {}): WayAround[] {
  return everyCommand(command).flatMap((each) => [
    ...ledAway(each),
    ...inOtherFolder(each, env),
    ...waysAroundInWords(each),
  ]);
}

/** What is judged first is looked for here; what a shell makes of `cd` cannot be known. */
function inOtherFolder(command: ClientCommand, env: Env): WayAround[] {
  const { elsewhere: what, words, client } = command;
  const isJudgedFirst = locksFirst(command, env).length > 0 || (client !== undefined && words.some(takesWheel));
  if (what === undefined || !isJudgedFirst) return [];
  const why = "takes the installer to another folder, where what it goes by without asking an index is not judged";
  const hint =
    "Start tspip in that folder, or name it to the installer (uv --directory DIR, poetry -C DIR, pdm -p DIR)";
  return [{ what, place: commandLine, why, hint }];
}

function takesWheel(word: string): boolean {
  return wheelPaths(word).length > 0;
}

function ledAway({ ledAway: what }: ClientCommand): WayAround[] {
  const why = "takes away the environment that leads installers, or puts another index into it";
  return what === undefined
    ? []
    : [{ what, place: commandLine, why, hint: "Put it before tspip: sudo tspip run -- …" }];
}

const commandLine = "the command line";

function waysAroundInWords(command: ClientCommand): WayAround[] {
  const { client, words } = command;
  if (client === undefined) return [];
  const place = commandLine;
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  const own = words.slice(0, end);
  // Behind -- are no options, but what to install all the same, up to a program that uv or PDM runs with words of its own.
  const program = programAt(command);
  const behind = words.slice(end + 1, program === undefined ? undefined : program + 1);
  const plain = [...own, ...behind].flatMap((word, at): WayAround[] => {
    if (at >= end) return directWay(word, place);
    const name = /^--?[a-z][a-z-]*/.exec(word)?.[0] ?? "";
    const option = name.startsWith("--") ? inFull(name, client) : name.slice(0, 2);
    const why = Object.hasOwn(options, option) ? options[option] : undefined;
    const isMeant = onlyFor[option]?.includes(client) ?? true;
    if (why !== undefined && isMeant) return [{ what: option, place, why }];
    return directWay(word, place);
  });
  const hidden = client === "pip" ? hiddenInPipWords(own, place) : groupedLetters(command);
  const handedOn = own.flatMap((word, at) => (/^--pip-args(?:=|$)/.test(word) ? pipArgs(word, own[at + 1]) : []));
  return [...plain, ...handedOn, ...hidden.filter(({ why }) => !plain.some((way) => way.why === why))];
}

function directWay(word: string, place: string): WayAround[] {
  return isDirect(word) ? [{ what: word, place, why: "is fetched directly" }] : [];
}

/** pip and PDM take any beginning of a long option; of pip's, `readPipWords` knows the others. */
const shortened: Readonly<Partial<Record<ClientName, string>>> = { pip: "--isolated", pdm: "--config" };

function inFull(name: string, client: ClientName): string {
  const full = shortened[client];
  return full !== undefined && name.length > 3 && full.startsWith(name) ? full : name;
}

/** `uv sync -qf DIR`: several letters in a word, of which the last may take a value. */
function groupedLetters(command: ClientCommand): WayAround[] {
  const { client, words } = command;
  if (client === undefined) return [];
  const groups = words.slice(0, programAt(command)).flatMap((word) => /^-([a-zA-Z]{2,})/.exec(word)?.[1] ?? []);
  return groups.flatMap((letters) => {
    const letter = [...letters].find((each) => valuedShort[client].includes(each)) ?? "";
    const why = options[`-${letter}`];
    return why !== undefined && onlyFor[`-${letter}`]?.includes(client)
      ? [{ what: `-${letter}`, place: commandLine, why }]
      : [];
  });
}

/** pipx hands words to pip: `--pip-args="-i URL"`. */
function pipArgs(word: string, next = ""): WayAround[] {
  return hiddenInPipWords(splitWords(word.includes("=") ? word.slice(word.indexOf("=") + 1) : next), commandLine);
}

/** pip takes shortened options and grouped letters as well: `--find-l DIR`, `-qf DIR`. */
export function hiddenInPipWords(words: readonly string[], place: string): WayAround[] {
  const { indexUrl, extraIndexUrl, findLinks, proxy } = readPipWords(words).settings;
  const found = {
    "--index-url": indexUrl !== undefined,
    "--extra-index-url": extraIndexUrl.length > 0,
    "--find-links": findLinks.length > 0,
    "--proxy": proxy !== undefined,
  };
  return Object.entries(found).flatMap(([what, isThere]) =>
    isThere ? [{ what, place, why: options[what] ?? "" }] : [],
  );
}

/** Variables of the user that installers would follow, and that are taken away or lead past the index. */
export function waysAroundInEnvironment({ client }: ClientCommand, env: Env): WayAround[] {
  const place = "the environment";
  return Object.entries(env).flatMap(([name, value = ""]): WayAround[] => {
    const isOthers = client !== undefined && !name.startsWith(`${client.toUpperCase()}_`);
    if (value === "" || (isOthers && !name.startsWith("PIP_"))) return [];
    if (/^PIP_(?:EDITABLE|REQUIREMENT|CONSTRAINT|BUILD_CONSTRAINT)$/i.test(name))
      return isDirect(value) ? [{ what: name, place, why: "names what is fetched directly" }] : [];
    // What is pip's is tspip's as well.
    const isIndex = /INDEX|FIND_LINKS|PYPI|TORCH/.test(name) && !/_(?:USERNAME|PASSWORD|STRATEGY)$/.test(name);
    if (!redirecting.test(name) || !isIndex || name.startsWith("PIP_")) return [];
    return [{ what: name, place, why: "is not asked behind the gate: name the index to tspip run" }];
  });
}

/**
 * A URL, version control, or `NAME @ URL`; `file:` stays on this machine, and is no index's business either. uv reads
 * `http:HOST` and `http:/HOST` as the URL standard does, and takes control characters away before it.
 */
export function isDirect(text: string): boolean {
  return /(?:^|^-[a-z]+?|@\s*|[\s\p{Cc}]|=)(?:https?:|(?:git|hg|svn|bzr)\+[a-z-]+:|(?:ssh|git|hg|svn|bzr):\/\/)/iu.test(
    text,
  );
}
