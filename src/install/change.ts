import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { inNormalForm, type ProjectName } from "../distribution/project-name.ts";
import type { Compiler } from "../environment/compiler.ts";
import type { Environment } from "../environment/environment.ts";
import { type Scan, scanInstalled } from "../environment/scan.ts";
import { EnvironmentError, messageOf } from "../errors.ts";
import { type Disk, realDisk } from "../unpack/disk.ts";
import type { Processes } from "../unpack/quarantine.ts";
import { type Arrival, checkConflicts } from "./conflicts.ts";
import { foldArrivals, foldDepartures, type StagedFolder } from "./fold.ts";
import type { InstallItem } from "./install-item.ts";
import { lockEnvironment } from "./lock.ts";
import { isInSchemes, settledSchemes } from "./placement.ts";
import { protectionOf } from "./protection.ts";
import { recover } from "./recover.ts";
import { type Belongings, belongingsOf, ownersOf } from "./removal.ts";
import { type ScriptInterpreter, scriptInterpreter } from "./scripts.ts";
import { createSettler, type Settler } from "./settle.ts";
import { type Arriving, compileTasks, placesOf, planArrival, seal, stage } from "./stage.ts";
import { departedName, makeStage, removeStage } from "./stage-folder.ts";
import { apply, type Journal } from "./transaction.ts";
import { writing } from "./writing.ts";

/** What a command does to an environment. */
export interface Change {
  readonly items: readonly InstallItem[];
  /** The projects whose installed distributions leave. */
  readonly leaves: ReadonlySet<ProjectName>;
}

export interface ChangeOptions {
  readonly processes: Processes;
  /** What is done besides: waiting, repairing, leaving files that are nobody's to remove. */
  readonly onNotice: (text: string) => void;
  /** Given when modules are to be compiled. */
  readonly compiler?: Compiler | undefined;
  readonly disk?: Disk;
}

interface Departures {
  /** Files, and folders where everything in them leaves. */
  readonly departures: readonly string[];
  /** Destinations where a file that arrives is already, with another distribution. */
  readonly shared: ReadonlySet<string>;
}

/**
 * Changes an environment in one transaction, with nobody else writing to it: what an earlier command left half done is
 * repaired, conflicts are found, then every new file is staged beside the environment's own and all are moved at the
 * end. When anything fails, the environment is as it was.
 * @throws EnvironmentError, ArtifactError
 */
export async function changeEnvironment(
  environment: Environment,
  change: Change,
  { processes, onNotice, compiler, disk = realDisk }: ChangeOptions,
): Promise<void> {
  const { root, interpreter } = environment;
  await makeRoot(root);
  using _lock = await lockEnvironment(root, processes, disk, () =>
    onNotice("Waiting for another process that writes to the environment"),
  );
  for (const repaired of writing("the environment", () => recover(root, changeableIn(environment), disk)))
    onNotice(repaired);

  const settler = createSettler();
  const planned = change.items.map((item) => planArrival(item, environment, settler, compiler?.cacheTag));
  const { departures, shared } = await planDepartures(environment, change, planned, settler, onNotice);
  // What is there with another distribution is that one's to compile.
  const arriving = planned.map((one) => ({
    ...one,
    compiled: one.compiled.filter(({ source }) => !shared.has(source.destination)),
  }));

  const folder = writing("the environment", () => makeStage(settler.folder(root), disk));
  const staging = { interpreter: scriptInterpreter(interpreter), shared, compiler, disk };
  const staged = await stageAll(arriving, folder, staging);
  apply({ journal: journalOf(staged, departures, folder), stage: folder, place: "the environment" }, disk);
}

/** What lies in the folders of its schemes and does not make the environment itself. */
function changeableIn(environment: Environment): (path: string) => boolean {
  const settler = createSettler();
  const folders = settledSchemes(environment.schemes, settler);
  const whyProtected = protectionOf(environment, settler);
  return (path) => isInSchemes(folders, path) && whyProtected(path) === undefined;
}

/** Finds what leaves, and that nothing is in the way of what arrives. */
async function planDepartures(
  environment: Environment,
  change: Change,
  arriving: readonly Arriving[],
  settler: Settler,
  onNotice: ChangeOptions["onNotice"],
): Promise<Departures> {
  const { schemes } = environment;
  const scan = await scanInstalled([schemes.purelib, schemes.platlib]);
  checkReadable(scan, change);
  const { leaving = [], staying = [] } = Object.groupBy(scan.installed, (installed) =>
    change.leaves.has(installed.name) ? "leaving" : "staying",
  );
  const owners = ownersOf(staying, settler);
  const whyProtected = protectionOf(environment, settler);
  const folders = settledSchemes(schemes, settler);
  const whyKept = (path: string): string | undefined => {
    if (!isInSchemes(folders, path)) return "lies outside the environment";
    const owner = owners.get(path);
    return owner === undefined ? whyProtected(path) : `belongs to "${owner}" as well`;
  };
  const belongings = leaving.map((installed) => belongingsOf(installed, settler, whyKept));
  for (const notice of noticesOf(belongings)) onNotice(notice);
  const departures = foldDepartures(new Set(belongings.flatMap(({ files }) => [...files])), withParents(folders));
  const isOfSchemes = (path: string) => isInSchemes(folders, path);
  const surroundings = { departures, owners, whyProtected, isInSchemes: isOfSchemes };
  const shared = checkConflicts(arriving.flatMap(placesOf), surroundings);
  checkConflicts(compiledArrivals(arriving, shared), surroundings);
  return { departures, shared };
}

/** Each once: distributions that share a module share its compiled form. */
function compiledArrivals(arriving: readonly Arriving[], shared: ReadonlySet<string>): Arrival[] {
  const modules = arriving.flatMap(({ compiled }) => compiled.filter(({ source }) => !shared.has(source.destination)));
  return [...new Map(modules.map((arrival) => [arrival.destination, arrival])).values()];
}

/** What RECORD lists and stays all the same: one line for each reason. */
function noticesOf(belongings: readonly Belongings[]): string[] {
  const byReason = Map.groupBy(
    belongings.flatMap(({ kept }) => kept),
    ({ why }) => why,
  );
  return [...byReason].map(([why, [first, ...others]]) => {
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    return `Left "${first?.path}"${more}: it ${why}`;
  });
}

/**
 * A distribution that cannot be read can neither be replaced nor removed: nobody knows its files, and two versions of one
 * project would lie side by side. What is left of others, as pip's `~lpha-1.0.dist-info`, is in nobody's way.
 */
function checkReadable({ unreadable }: Scan, { leaves }: Change): void {
  const names: ReadonlySet<string> = leaves;
  for (const { path, reason } of unreadable) {
    const [project = ""] = basename(path).split("-");
    if (!names.has(inNormalForm(project))) continue;
    throw new EnvironmentError("installed-unreadable", `Cannot replace or remove what is in "${path}": ${reason}`, {
      hint: "Remove it with the tool that installed it, or by hand",
    });
  }
}

/** The folders of the schemes and those above them stay, even when they are empty. */
function withParents(folders: readonly string[]): Set<string> {
  const all = new Set<string>();
  for (const start of folders) {
    for (let folder = start; !all.has(folder); folder = dirname(folder)) all.add(folder);
  }
  return all;
}

interface Staging {
  readonly interpreter: ScriptInterpreter;
  /** See Departures. */
  readonly shared: ReadonlySet<string>;
  readonly compiler: Compiler | undefined;
  readonly disk: Disk;
}

async function stageAll(
  arriving: readonly Arriving[],
  folder: string,
  { interpreter, shared, compiler, disk }: Staging,
): Promise<StagedFolder[]> {
  try {
    const staged = writing("the environment", () =>
      arriving.map((one, at) => stage(one, join(folder, `new-${at}`), interpreter, disk)),
    );
    await compiler?.compile(staged.flatMap(compileTasks));
    return writing("the environment", () => staged.flatMap((one) => seal(one, shared, disk)));
  } catch (error) {
    writing("the environment", () => removeStage(folder, disk));
    throw error;
  }
}

function journalOf(staged: readonly StagedFolder[], departures: readonly string[], folder: string): Journal {
  const { directories, moves } = foldArrivals(staged, departures);
  return {
    departures: departures.map((from, at) => ({ from, to: join(folder, departedName, String(at)) })),
    directories,
    arrivals: moves,
  };
}

/** `--target` names a folder that need not be there. */
async function makeRoot(root: string): Promise<void> {
  // To make what is there would wait until the threads of Node.js have closed the files of all artifacts (GateSession.letGo).
  if (existsSync(root)) return;
  try {
    await mkdir(root, { recursive: true });
  } catch (error) {
    throw new EnvironmentError("cannot-write", `Cannot make "${root}": ${messageOf(error)}`, { cause: error });
  }
}
