import type { ClientCommand } from "./client.ts";
import { readPipWords } from "./pip-words.ts";

/** Something that leads an installer past the loopback index. */
export interface WayAround {
  /** `--index-url`, a URL, or a key of a file. */
  readonly what: string;
  readonly place: string;
  /** What it does, and what that means. */
  readonly why: string;
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
};
/** Options that mean something else in other programs than these. */
const onlyFor: Readonly<Record<string, readonly string[]>> = {
  "-i": ["pip", "uv", "pipenv"],
  "-f": ["pip", "uv"],
  "-c": ["pdm"],
  "--config": ["pdm"],
  "--isolated": ["pip"],
};

/** What on the command line leads around the gate. Only the words of installers that we know are understood. */
export function waysAroundInCommand({ client, words }: ClientCommand): WayAround[] {
  if (client === undefined) return [];
  const place = "the command line";
  // Behind a second -- the words are for a program that uv or PDM runs.
  const own = words.includes("--") ? words.slice(0, words.indexOf("--")) : words;
  const plain = own.flatMap((word): WayAround[] => {
    const name = /^--?[a-z][a-z-]*/.exec(word)?.[0] ?? "";
    const option = name.startsWith("--") ? name : name.slice(0, 2);
    const why = Object.hasOwn(options, option) ? options[option] : undefined;
    const isMeant = onlyFor[option]?.includes(client) ?? true;
    if (why !== undefined && isMeant) return [{ what: option, place, why }];
    return isDirect(word) ? [{ what: word, place, why: "is fetched directly" }] : [];
  });
  const hidden = client === "pip" ? hiddenInPipWords(own, place) : [];
  return [...plain, ...hidden.filter(({ why }) => !plain.some((way) => way.why === why))];
}

/** pip takes shortened options and grouped letters as well: `--find-l DIR`, `-qf DIR`. */
function hiddenInPipWords(words: readonly string[], place: string): WayAround[] {
  const { indexUrl, extraIndexUrl, findLinks } = readPipWords(words).settings;
  const found = {
    "--index-url": indexUrl !== undefined,
    "--extra-index-url": extraIndexUrl.length > 0,
    "--find-links": findLinks.length > 0,
  };
  return Object.entries(found).flatMap(([what, isThere]) =>
    isThere ? [{ what, place, why: options[what] ?? "" }] : [],
  );
}

/** What in a requirements file leads around the gate. */
export function waysAroundInRequirements(text: string, file: string): WayAround[] {
  return text.split(/\r?\n/).flatMap((line, at): WayAround[] => {
    const place = `${file}:${at + 1}`;
    const words = line.replace(/(^|\s)#.*$/, "").trim();
    const option = /^--?[a-z][a-z-]*/.exec(words)?.[0];
    if (option !== undefined && Object.hasOwn(options, option))
      return [{ what: option, place, why: options[option] ?? "" }];
    return isDirect(words) ? [{ what: words, place, why: "is fetched directly" }] : [];
  });
}

/** A URL, version control, or `NAME @ URL`; `file:` stays on this machine, and is no index's business either. */
function isDirect(text: string): boolean {
  return /(?:^|@\s*|\s|=)(?:https?|ssh|git|hg|svn|bzr)(?:\+[a-z]+)?:\/\//i.test(text);
}

/** A table of `pyproject.toml`, or what else is read out of a file. */
type Table = Readonly<Record<string, unknown>>;

/** What in pyproject.toml makes uv, PDM or poetry go elsewhere. */
export function waysAroundInProject(project: Table, file = "pyproject.toml"): WayAround[] {
  const tool = tableIn(project, "tool");
  const [uv, pdm, poetry] = [tableIn(tool, "uv"), tableIn(tool, "pdm"), tableIn(tool, "poetry")];
  const why = "names an index of its own: what comes from there passes no gate";
  // uv reads no configuration behind the gate, so that index is only missed.
  const unread = "is not asked behind the gate: name the index to tspip run";
  return [
    ...(listIn(uv, "index").length > 0 ? [{ what: "tool.uv.index", place: file, why: unread }] : []),
    ...Object.entries(tableIn(uv, "sources")).flatMap(([name, source]) => sourceWay(name, source, file)),
    ...(listIn(pdm, "source").length > 0 ? [{ what: "tool.pdm.source", place: file, why }] : []),
    ...(listIn(poetry, "source").length > 0 ? [{ what: "tool.poetry.source", place: file, why }] : []),
  ];
}

/** What in a Pipfile makes pipenv go elsewhere: its mirror takes the place of the public index only. */
export function waysAroundInPipfile(pipfile: Table, file = "Pipfile"): WayAround[] {
  return listIn(pipfile, "source").flatMap((source) => {
    const url = isTable(source) && typeof source.url === "string" ? URL.parse(source.url) : null;
    if (url === null || /^(?:pypi\.org|pypi\.python\.org)$/.test(url.hostname)) return [];
    return [{ what: url.host, place: file, why: "is an index of its own: what comes from there passes no gate" }];
  });
}

/** What in the settings that PDM keeps beside a project makes it go elsewhere: a table for each further index. */
export function waysAroundInPdmToml(settings: Table, file = "pdm.toml"): WayAround[] {
  const why = "is an index of its own: what comes from there passes no gate";
  return Object.entries(tableIn(settings, "pypi"))
    .filter(([, index]) => isTable(index))
    .map(([name]) => ({ what: `pypi.${name}`, place: file, why }));
}

function sourceWay(name: string, source: unknown, file: string): WayAround[] {
  const sources = Array.isArray(source) ? source : [source];
  return sources.flatMap((each: unknown) => {
    const kind = isTable(each) ? ["git", "url", "index"].find((key) => Object.hasOwn(each, key)) : undefined;
    if (kind === undefined) return [];
    return [{ what: `tool.uv.sources.${name}`, place: file, why: `gets "${name}" past the gate (${kind})` }];
  });
}

function tableIn(table: Table, key: string): Table {
  const value = table[key];
  return isTable(value) ? value : {};
}

function listIn(table: Table, key: string): readonly unknown[] {
  const value = table[key];
  return Array.isArray(value) ? value : [];
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
