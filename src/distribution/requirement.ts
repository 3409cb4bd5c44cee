import { quotation, TspipError, UsageError } from "../errors.ts";
import { type Marker, parseMarker } from "./marker.ts";
import { isProjectName, normalizeProjectName, type ProjectName } from "./project-name.ts";
import { parseSpecifierSet, type SpecifierSet } from "./specifier.ts";

/** A dependency specifier (PyPA: dependency specifiers, formerly PEP 508). */
export interface Requirement {
  readonly name: ProjectName;
  /** In normal form, each once. */
  readonly extras: readonly string[];
  /** Empty when there is a URL, or when any version will do. */
  readonly specifiers: SpecifierSet;
  /** `NAME @ URL`. */
  readonly url?: string;
  readonly marker?: Marker;
  /** As it was written, without surrounding white space. */
  readonly text: string;
}

const headPattern = /^(?<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[(?<extras>[^\]]*)\])?\s*(?<rest>.*)$/s;

/**
 * Parses one requirement.
 * @throws UsageError `invalid-requirement`
 */
export function parseRequirement(text: string): Requirement {
  const trimmed = text.trim();
  const { name = "", extras = "", rest } = headPattern.exec(trimmed)?.groups ?? {};
  if (rest === undefined) throw invalid(trimmed, "it does not begin with a project name");
  try {
    const about = { name: normalizeProjectName(name), extras: parseExtras(extras, trimmed), text: trimmed };
    return rest.startsWith("@")
      ? { ...about, ...parseUrl(rest.slice(1), trimmed) }
      : { ...about, ...parseVersions(rest, trimmed) };
  } catch (error) {
    if (!(error instanceof TspipError) || error.code === "invalid-requirement") throw error;
    throw invalid(trimmed, error.message, error);
  }
}

function parseExtras(text: string, whole: string): string[] {
  const extras = text.split(",").map((extra) => extra.trim());
  if (extras.length === 1 && extras[0] === "") return [];
  const bad = extras.find((extra) => !isProjectName(extra));
  if (bad !== undefined) throw invalid(whole, `"${quotation(bad)}" is not the name of an extra`);
  return [...new Set(extras.map(normalizeProjectName))];
}

/** A marker after a URL needs white space before its semicolon, which may be part of a URL. */
function parseUrl(text: string, whole: string): Pick<Requirement, "specifiers" | "url" | "marker"> {
  const { url = "", marker } = /^\s*(?<url>\S+)(?:\s+;(?<marker>.*))?\s*$/s.exec(text)?.groups ?? {};
  if (url === "") throw invalid(whole, "there is no URL after the @");
  return { specifiers: parseSpecifierSet(""), url, ...(marker !== undefined && { marker: parseMarker(marker) }) };
}

function parseVersions(text: string, whole: string): Pick<Requirement, "specifiers" | "marker"> {
  const at = text.indexOf(";");
  const versions = (at === -1 ? text : text.slice(0, at)).trim();
  const marker = at === -1 ? undefined : parseMarker(text.slice(at + 1));
  return { specifiers: parseSpecifierSet(withoutParentheses(versions, whole)), ...(marker && { marker }) };
}

/** `name (>=1.0)` is the form of old metadata. */
function withoutParentheses(versions: string, whole: string): string {
  if (!versions.startsWith("(")) return versions;
  if (!versions.endsWith(")")) throw invalid(whole, "a parenthesis is not closed");
  return versions.slice(1, -1);
}

function invalid(text: string, why: string, cause?: unknown): UsageError {
  return new UsageError("invalid-requirement", `"${quotation(text)}" is not a requirement (PEP 508): ${why}`, {
    cause,
  });
}
