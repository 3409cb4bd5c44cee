import { inNormalForm, isProjectName, normalizeProjectName, type ProjectName } from "../distribution/project-name.ts";
import { parseSpecifierSet, type SpecifierSet } from "../distribution/specifier.ts";
import { isVersion } from "../distribution/version.ts";
import { messageOf, TspipError } from "../errors.ts";
import { didYouMean } from "./did-you-mean.ts";
import { indexAddress } from "./match.ts";
import { artifactKinds, type RuleMatch, relations } from "./policy.ts";
import type { TableReader } from "./table-reader.ts";

export function parseMatch(table: TableReader): RuleMatch {
  const name = parseNameGlob(table);
  const version = parseVersions(table);
  const index = parseIndex(table);
  const kind = table.choice("kind", artifactKinds);
  const relation = table.choice("relation", relations);
  table.finish();
  return {
    ...(name !== undefined && { name }),
    ...(version !== undefined && { version }),
    ...(index !== undefined && { index }),
    ...(kind !== undefined && { kind }),
    ...(relation !== undefined && { relation }),
  };
}

/** The exact name of a project, in any spelling. */
export function parseName(table: TableReader): ProjectName | undefined {
  const text = table.text("name");
  if (text === undefined) return undefined;
  if (isProjectName(text)) return normalizeProjectName(text);
  const why = text.includes("*") ? ' ("*" is not allowed here)' : "";
  return table.wrong("name", `"${text}" is not a project name${why}`);
}

/** A version specifier set (PEP 440). */
export function parseVersions(table: TableReader): SpecifierSet | undefined {
  const text = table.text("version");
  if (text === undefined) return undefined;
  if (isVersion(text))
    return table.wrong("version", `"${text}" is a version, expected a specifier; did you mean "==${text}"?`);
  try {
    return parseSpecifierSet(text);
  } catch (error) {
    if (!(error instanceof TspipError)) throw error;
    return table.wrong("version", messageOf(error));
  }
}

/** A project's name in normal form, with `*` for any run of characters. Its other characters are those of names. */
function parseNameGlob(table: TableReader): string | undefined {
  const text = table.text("name");
  if (text === undefined) return undefined;
  if (/^[A-Z0-9._*-]+$/i.test(text) && (text.includes("*") || isProjectName(text))) return inNormalForm(text);
  return table.wrong("name", `"${text}" is not a project name; only "*" stands for other characters`);
}

function parseIndex(table: TableReader): string | undefined {
  const text = table.text("index");
  return text === undefined ? undefined : readIndex(table, "index", text);
}

/** `sources`: addresses of indexes, and `local` for files of this machine. */
export function parseSources(table: TableReader): readonly string[] | undefined {
  const texts = table.texts("sources");
  if (texts === undefined) return undefined;
  const sources = texts.flatMap((text, at) =>
    text === "local" ? text : (readIndex(table, "sources", text, at) ?? []),
  );
  for (const [at, source] of sources.entries())
    if (sources.indexOf(source) < at) return table.wrong("sources", `"${source}" is listed twice`);
  return sources;
}

function readIndex(table: TableReader, key: string, text: string, at?: number): string | undefined {
  if (text.includes("*")) return table.wrong(key, `"*" is not allowed in "${key}": an index has one address`, at);
  const url = URL.parse(text);
  if (url === null || !["https:", "http:", "file:"].includes(url.protocol)) {
    const local = key === "sources" ? `, nor "local"${didYouMean(text, ["local"])}` : "";
    return table.wrong(key, `"${text}" is not the URL of an index${local}`, at);
  }
  if (url.username !== "" || url.password !== "")
    return table.wrong(key, "an index is named without user and password", at);
  return indexAddress(text);
}
