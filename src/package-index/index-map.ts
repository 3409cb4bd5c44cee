import { globMatches } from "../distribution/glob.ts";
import type { ProjectName } from "../distribution/project-name.ts";

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
