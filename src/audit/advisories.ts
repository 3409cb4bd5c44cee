import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isProjectName, normalizeProjectName, type ProjectName } from "../distribution/project-name.ts";
import { comparePublic, compareVersions, isVersion, parseVersion, type Version } from "../distribution/version.ts";
import { isTable, isText, listOf, type Table, tableIn, tableOrNothing } from "../encoding/table.ts";
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

/** One of them, as it stands there; `introduced: "0"` is before all versions. */
interface RangeEvent {
  readonly introduced?: unknown;
  readonly fixed?: unknown;
  readonly last_affected?: unknown;
}

/** Reads the advisories in a folder, and in its folders, that are about one of the projects; `read` counts all. */
export function readAdvisories(
  folder: string,
  projects: ReadonlySet<ProjectName>,
): { readonly advisories: readonly Advisory[]; readonly read: number; readonly unreadable: readonly string[] } {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  const unreadable: string[] = [];
  const advisories = names.sort().flatMap((name) => {
    const document = tableOrNothing(readIfRegular(join(folder, name))?.bytes.toString("utf8") ?? "", JSON.parse);
    if (document === undefined) unreadable.push(name);
    return document === undefined ? [] : advisoriesIn(document, projects);
  });
  return { advisories, read: names.length - unreadable.length, unreadable };
}

/** One for each project that is affected. */
function advisoriesIn(document: Table, projects: ReadonlySet<ProjectName>): Advisory[] {
  const { id, aliases, summary, affected, withdrawn } = document;
  if (!isText(id) || isText(withdrawn)) return [];
  return tablesIn(affected).flatMap((each): Advisory[] => {
    const { ecosystem, name } = tableIn(each, "package");
    if (ecosystem !== "PyPI" || !isText(name) || !isProjectName(name)) return [];
    const project = normalizeProjectName(name);
    if (!projects.has(project)) return [];
    return [
      {
        id,
        aliases: listOf(aliases).filter(isText),
        summary: isText(summary) ? summary : "",
        project,
        versions: new Set(listOf(each.versions).filter(isText)),
        // The others are of commits.
        ranges: tablesIn(each.ranges).flatMap(({ type, events }) => (type === "ECOSYSTEM" ? [tablesIn(events)] : [])),
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

function isLaterRelease(version: Version, named: Version): boolean {
  return compareVersions(version, named) > 0 && !isSameRelease(named, version);
}

function isInRange(events: readonly RangeEvent[], version: Version): boolean {
  const isAtOrAfter = (other: unknown) =>
    other === "0" || (isText(other) && isVersion(other) && compareVersions(version, parseVersion(other)) >= 0);
  const isAfter = (other: unknown) => isText(other) && isVersion(other) && isLaterRelease(version, parseVersion(other));
  // Events of one range may stand in any order: the last one before the version counts.
  const introduced = events.filter((event) => isAtOrAfter(event.introduced));
  const ended = events.filter((event) => isAtOrAfter(event.fixed) || isAfter(event.last_affected));
  return introduced.length > ended.length;
}

/** The versions that mend it, as the advisory names them. */
export function fixesOf({ ranges }: Advisory): readonly string[] {
  return [...new Set(ranges.flat().flatMap(({ fixed }) => (isText(fixed) ? [fixed] : [])))];
}

function tablesIn(value: unknown): readonly Table[] {
  return listOf(value).filter(isTable);
}
