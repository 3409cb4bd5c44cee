import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { normalizeProjectName } from "../distribution/project-name.ts";
import { parseEntryPointGroup } from "../wheel/object-reference.ts";

/** An entry point as its distribution's files tell of it: nothing is imported. */
export interface FoundEntryPoint {
  readonly name: string;
  /** Dotted. */
  readonly module: string;
  readonly attribute?: string;
  /** `NAME VERSION`. */
  readonly distribution: string;
  readonly site: string;
  /** Name of the `.dist-info` folder in `site`. */
  readonly distInfo: string;
}

/** The entry points of `group` in folders of importable packages, by name. Distributions that cannot be read have none. */
export async function findEntryPoints(sites: readonly string[], group: string): Promise<FoundEntryPoint[]> {
  const found = await Promise.all([...new Set(sites)].map((site) => entryPointsIn(site, group)));
  const key = ({ name, distribution }: FoundEntryPoint) => `${name} ${distribution}`;
  return found.flat().sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

async function entryPointsIn(site: string, group: string): Promise<FoundEntryPoint[]> {
  const names = await readdir(site).catch(() => []);
  const distInfos = names.filter((name) => name.endsWith(".dist-info"));
  const found = await Promise.all(
    distInfos.map(async (distInfo) => {
      const [name = "", version = ""] = distInfo.slice(0, -".dist-info".length).split("-");
      try {
        const text = await readFile(join(site, distInfo, "entry_points.txt"), "utf8");
        const distribution = `${normalizeProjectName(name)} ${version}`;
        return parseEntryPointGroup(text, group).map((each) => ({ ...each, distribution, site, distInfo }));
      } catch {
        return [];
      }
    }),
  );
  return found.flat();
}
