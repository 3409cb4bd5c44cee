import { normalizeProjectName } from "../distribution/project-name.ts";
import { ArtifactError } from "../errors.ts";
import type { DistInfo } from "./dist-info.ts";
import { collisionKey, fileInTheWay } from "./member-path.ts";
import { type Placement, sitePaths } from "./placement.ts";
import { dataProblem, ownNameProblem, scriptProblem } from "./protected-paths.ts";

/**
 * Refuses a wheel of which a file would take the place of another, or be taken for a part of the interpreter, of its
 * environment or of another distribution. What it would overwrite in a given environment is found when installing.
 * @throws ArtifactError `wheel-layout-invalid`, `wheel-layout-unsafe`
 */
export function checkPlacements(placements: readonly Placement[], distInfo: DistInfo): void {
  checkDestinations(placements, distInfo);
  for (const { name } of distInfo.scripts) mustBeHarmless(`Script "${name}"`, scriptProblem(name));
  for (const placement of placements) {
    mustBeHarmless(`"${placement.entry.path}"`, protectedProblem(placement) ?? metadataProblem(placement, distInfo));
  }
  checkCompiled(placements);
}

function mustBeHarmless(what: string, why: string | undefined): void {
  if (why !== undefined) throw new ArtifactError("wheel-layout-unsafe", `${what} ${why}`);
}

/** No two files for one place, and no file where a folder is needed. purelib and platlib are one folder mostly. */
function checkDestinations(placements: readonly Placement[], { scripts }: DistInfo): void {
  const taken = new Map(scripts.map(({ name }) => [`scripts/${collisionKey(name)}`, `scripts/${name}`]));
  for (const placement of placements) {
    const { entry, path } = placement;
    const destination = destinationKey(placement);
    const other = taken.get(destination);
    // Old tools write a script that they also name as an entry point: the entry point is the one that is made.
    if (other !== undefined && other !== `scripts/${path}`)
      throw invalid(`"${other}" and "${entry.path}" would be installed as one file`);
    taken.set(destination, entry.path);
  }
  const file = fileInTheWay(taken, taken.keys());
  if (file !== undefined) throw invalid(`"${file}" would be a file, and others would lie in it`);
}

function destinationKey({ scheme, path }: Placement): string {
  return `${scheme === "platlib" ? "purelib" : scheme}/${collisionKey(path)}`;
}

function invalid(message: string): ArtifactError {
  return new ArtifactError("wheel-layout-invalid", message);
}

function protectedProblem({ scheme, path }: Placement): string | undefined {
  const own = ownNameProblem(path);
  if (own !== undefined) return own;
  if (scheme === "scripts") return scriptProblem(path);
  return scheme === "data" ? dataProblem(path) : undefined;
}

/**
 * importlib.metadata takes every `.dist-info` and `.egg-info` in site-packages for a distribution. A wheel has one
 * `.dist-info`, at its root; an `.egg-info` of its own was left there by the tool that built it.
 */
function metadataProblem(placement: Placement, { directory, metadata }: DistInfo): string | undefined {
  for (const path of sitePaths(placement)) {
    const [folder = ""] = path.split("/", 1);
    const { name, kind } = metadataFolder.exec(folder)?.groups ?? {};
    if (name === undefined) continue;
    const isOwn =
      kind?.toLowerCase() === "dist-info"
        ? placement.entry.path.startsWith(`${directory}/`)
        : normalizeProjectName(name) === normalizeProjectName(metadata.name);
    if (!isOwn) return `would be metadata of a distribution, "${folder}"`;
  }
  return undefined;
}

const metadataFolder = /^(?<name>.+?)(?:-.*)?\.(?<kind>dist-info|egg-info)$/i;

/**
 * Python runs `__pycache__/six.cpython-311.pyc` in place of `six.py` beside it, and can be told not to compare the two
 * (PEP 552). So a compiled module comes with its source, or it speaks for somebody else's.
 */
function checkCompiled(placements: readonly Placement[]): void {
  const compiled = placements.filter(({ path }) => /__pycache__\//i.test(path));
  if (compiled.length === 0) return;
  const modules = new Set(placements.flatMap(sitePaths).map(collisionKey));
  for (const placement of compiled) {
    for (const path of sitePaths(placement)) {
      const { folder = "", module } = compiledModule.exec(collisionKey(path))?.groups ?? {};
      if (module !== undefined && !modules.has(`${folder}${module}.py`))
        mustBeHarmless(`"${placement.entry.path}"`, `would be run for a module of somebody else's, "${module}.py"`);
    }
  }
}

const compiledModule = /^(?<folder>(?:.*\/)?)__pycache__\/(?<module>[^/.]+)\.[^/]+\.pyc$/;
