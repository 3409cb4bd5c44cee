import { lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { Installed } from "../environment/installed.ts";
import { scanInstalled } from "../environment/scan.ts";
import type { UnstartedEnvironment } from "../environment/unstarted.ts";
import type { RecordRow } from "../wheel/record.ts";
import { type FileState, hashFiles } from "./hash-files.ts";

/** What an environment's files say, gathered once for all audits. Nothing of it is run or imported. */
export interface Facts {
  readonly environment: UnstartedEnvironment;
  readonly installed: readonly Installed[];
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  /** Every row of every RECORD. */
  readonly recorded: readonly RecordedFile[];
  /** Every file in the folders of packages, by its absolute path. */
  readonly found: ReadonlyMap<string, FoundFile>;
}

export interface RecordedFile {
  readonly installed: Installed;
  readonly row: RecordRow;
  /** Absolute. */
  readonly path: string;
  readonly state: FileState;
}

export interface FoundFile {
  readonly path: string;
  readonly mode: number;
  /** Where a link leads, with every link on the way followed; undefined when it leads nowhere. */
  readonly link?: { readonly text: string; readonly target: string | undefined };
}

/** @param threads how many may hash at once */
export async function gatherFacts(environment: UnstartedEnvironment, threads: number): Promise<Facts> {
  const { installed, unreadable } = await scanInstalled(environment.sites);
  const rows = installed.flatMap((each) =>
    (each.record ?? []).map((row) => ({ installed: each, row, path: resolve(each.site, row.path) })),
  );
  const hashing = hashFiles(
    rows.map(({ path, row }) => ({ path, ...(row.hash && { hash: row.hash }) })),
    threads,
  );
  // While other threads hash.
  const found = new Map(environment.sites.flatMap((site) => [...walk(site)]).map((file) => [file.path, file]));
  const states = await hashing;
  const recorded = rows.map((row, at) => ({ ...row, state: states[at] ?? "unreadable" }));
  return { environment, installed, unreadable, recorded, found };
}

function* walk(folder: string): Generator<FoundFile> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else yield foundFile(path, entry.isSymbolicLink());
  }
}

function foundFile(path: string, isLink: boolean): FoundFile {
  const { mode } = lstatSync(path);
  return isLink ? { path, mode, link: { text: readlinkSync(path), target: targetOf(path) } } : { path, mode };
}

function targetOf(link: string): string | undefined {
  try {
    return realpathSync.native(link);
  } catch {
    return undefined;
  }
}

/** A path as people name it: from the folder of packages that it is in. */
export function shownPath(path: string, sites: readonly string[]): string {
  const site = sites.find((folder) => path.startsWith(folder + sep));
  return site === undefined ? path : relative(site, path);
}

/** The source file that a compiled one belongs to (PEP 3147), or nothing. */
export function sourceOf(compiled: string): string | undefined {
  const match = /^(?<name>.+?)\.[a-z]+-?\d+(?:\.opt-\w+)?\.pyc$/.exec(compiled.split(sep).at(-1) ?? "");
  const folder = dirname(compiled);
  if (match?.groups === undefined || !folder.endsWith(`${sep}__pycache__`)) return undefined;
  return join(dirname(folder), `${match.groups.name}.py`);
}
