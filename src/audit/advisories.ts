import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isProjectName, normalizeProjectName, type ProjectName } from "../distribution/project-name.ts";
import { comparePublic, compareVersions, isVersion, parseVersion, type Version } from "../distribution/version.ts";
import { readIfRegular } from "../environment/read-file.ts";

/** What an advisory in OSV format says of one project (OSV schema 1.x, `affected`). */
export interface Advisory {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly project: ProjectName;
  /** Affected versions by name. */
  readonly versions: ReadonlySet<string>;
  readonly ranges: readonly (readonly RangeEvent[])[];
}

/** One of them; `introduced: "0"` is before all versions. */
export interface RangeEvent {
  readonly introduced?: string;
  readonly fixed?: string;
  readonly last_affected?: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads the advisories in a folder, and in its folders, that are about one of the projects; `read` counts all. */
export function readAdvisories(
  folder: string,
  projects: ReadonlySet<ProjectName>,
): { readonly advisories: readonly Advisory[]; readonly read: number; readonly unreadable: readonly string[] } {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  const unreadable: string[] = [];
  const advisories = names.sort().flatMap((name) => {
    const document = readJson(join(folder, name));
    if (document === undefined) unreadable.push(name);
    return document === undefined ? [] : advisoriesIn(document, projects);
  });
  return { advisories, read: names.length - unreadable.length, unreadable };
}

function readJson(path: string): Fields | undefined {
  try {
    return fieldsOf(JSON.parse(readIfRegular(path)?.bytes.toString("utf8") ?? ""));
  } catch {
    return undefined;
  }
}

/** One for each project that is affected. */
function advisoriesIn(document: Fields, projects: ReadonlySet<ProjectName>): Advisory[] {
  const { id, aliases, summary, affected, withdrawn } = document;
  if (typeof id !== "string" || isText(withdrawn)) return [];
  return listOf(affected).flatMap((value): Advisory[] => {
    const { package: named, versions, ranges } = fieldsOf(value);
    const { ecosystem, name } = fieldsOf(named);
    if (ecosystem !== "PyPI" || !isText(name) || !isProjectName(name)) return [];
    const project = normalizeProjectName(name);
    if (!projects.has(project)) return [];
    return [
      {
        id,
        aliases: listOf(aliases).filter(isText),
        summary: isText(summary) ? summary : "",
        project,
        versions: new Set(listOf(versions).filter(isText)),
        ranges: listOf(ranges).flatMap((range) => {
          const { type, events } = fieldsOf(range);
          // The others are of commits.
          return type === "ECOSYSTEM" ? [listOf(events).map((event) => fieldsOf(event) as RangeEvent)] : [];
        }),
      },
    ];
  });
}

/**
 * Whether a version is affected (OSV schema, "Evaluation"). A local version, as of a rebuild, is as good as what it was built of, unless
 * the advisory says otherwise.
 */
export function isAffected({ versions, ranges }: Advisory, text: string): boolean {
  if (versions.has(text)) return true;
  if (!isVersion(text)) return false;
  const version = parseVersion(text);
  const isNamed = [...versions].some((other) => isVersion(other) && isSameRelease(parseVersion(other), version));
  return isNamed || ranges.some((events) => isInRange(events, version));
}

function isSameRelease(named: Version, version: Version): boolean {
  return named.local === undefined ? comparePublic(named, version) === 0 : compareVersions(named, version) === 0;
}

function isInRange(events: readonly RangeEvent[], version: Version): boolean {
  const isAtOrAfter = (other: string | undefined) =>
    other === "0" || (isText(other) && isVersion(other) && compareVersions(version, parseVersion(other)) >= 0);
  const isAfter = (other: string | undefined) =>
    isText(other) &&
    isVersion(other) &&
    compareVersions(version, parseVersion(other)) > 0 &&
    !isSameRelease(parseVersion(other), version);
  // Events of one range may stand in any order: the last one before the version counts.
  const introduced = events.filter((event) => isAtOrAfter(event.introduced));
  const ended = events.filter((event) => isAtOrAfter(event.fixed) || isAfter(event.last_affected));
  return introduced.length > ended.length;
}

/** The versions that mend it, as the advisory names them. */
export function fixesOf({ ranges }: Advisory): readonly string[] {
  return [...new Set(ranges.flat().flatMap(({ fixed }) => (isText(fixed) ? [fixed] : [])))];
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
