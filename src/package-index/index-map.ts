import { globMatches } from "../distribution/glob.ts";
import { inNormalForm, isProjectName, type ProjectName } from "../distribution/project-name.ts";

/** An index that certain projects belong to, and no others do. */
export interface MappedIndex {
  readonly url: URL;
  /** Names in normal form, in which `*` stands for any run of characters. */
  readonly projects: readonly string[];
}

/**
 * The indexes that may be asked for a project: the one it is mapped to, else those that nothing is mapped to. So nobody
 * can offer a private name elsewhere, and a private index cannot slip a public one in.
 */
export function indexesFor(name: ProjectName, mapped: readonly MappedIndex[], others: readonly URL[]): readonly URL[] {
  const own = mapped.find(({ projects }) => projects.some((pattern) => globMatches(pattern, name)));
  if (own !== undefined) return [own.url];
  return others.filter(({ href }) => !mapped.some(({ url }) => url.href === href));
}

/** How a configuration file refuses a value. */
type Refuse = (message: string, hint?: string) => never;

/** The `url` of an index in a configuration file, where no credentials belong. */
export function readIndexUrl(text: unknown, refuse: Refuse): URL {
  const url = typeof text === "string" ? URL.parse(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return refuse(`"url" of an index is not a URL`);
  if (url.username !== "" || url.password !== "")
    return refuse('"url" of an index holds credentials', "Put them into a .netrc file or a keyring");
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** A project name in normal form, in which a star may stand. */
export function readProjectPattern(pattern: unknown, refuse: Refuse): string {
  const name = typeof pattern === "string" ? inNormalForm(pattern) : "";
  if (!isProjectName(name.replaceAll("*", "x"))) return refuse(`"${String(pattern)}" is not the name of projects`);
  return name;
}
