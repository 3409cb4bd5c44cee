import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Tool } from "../../bootstrap/tool.ts";
import { checkNotManaged } from "../../environment/environment.ts";
import type { Interpreter } from "../../environment/interpreter.ts";
import { UsageError } from "../../errors.ts";
import { localRef } from "../../package-index/client.ts";
import { exitCodes } from "../exit-code.ts";
import { type OpenIndexes, openIndexClient } from "../gate/index-client.ts";
import { type InstallTarget, personalTarget } from "../gate/target.ts";
import { renderBootstrapFailure } from "../render/bootstrap-failure.ts";
import { artifactStore } from "../settings/cache-folder.ts";
import { policyFor } from "../settings/policy-in-force.ts";
import { type Attempt, attempt, type Failure, toFailure } from "./bootstrap-attempt.ts";
import { bootstrapLocations, type Location } from "./bootstrap-locations.ts";
import type { BootstrapParts, BootstrapSettings } from "./bootstrap-parts.ts";
import { stepsByHand } from "./bootstrap-steps.ts";

/** The tool is there, since before or since now; or it is not, and the user was told why. */
export type Bootstrapped =
  | { readonly outcome: "present" | "installed"; readonly interpreter: Interpreter; readonly version: string }
  | { readonly outcome: "failed"; readonly exitCode: number };

/**
 * Makes a tool available in an environment. What is there already stays; else the newest wheel that fits is looked for
 * where the user says and then in the default index, and is installed when the bootstrap policy allows it.
 */
export async function bootstrap(parts: BootstrapParts): Promise<Bootstrapped> {
  const { tool, options, keepsPresent, talk, host } = parts;
  const place = await personalTarget(options, host).catch((error: unknown) => toFailure(error, host));
  if ("reason" in place) return failed(`find an environment for ${tool.name}`, [place], parts);
  const { interpreter } = place;
  // A virtual environment that is still to be made has nothing, whatever its interpreter has.
  const isThere = options.venv === undefined || place.existing !== undefined;
  const present = keepsPresent && isThere ? await findInstalled(tool, interpreter) : undefined;
  if (present !== undefined) return { outcome: "present", interpreter, version: present };

  talk.info(`upgrading ${tool.name}`);
  const attempts = await tryAll(place, parts).catch((error: unknown): Attempt[] => [toFailure(error, host)]);
  const installed = attempts.find((each) => "version" in each);
  if (installed !== undefined) {
    talk.info(`${tool.name} has been upgraded`);
    return { outcome: "installed", ...installed };
  }
  const operation = `install ${tool.name} for Python ${interpreter.version.join(".")} into "${place.label}"`;
  const failures = attempts.filter((each): each is Failure => "reason" in each);
  return failed(operation, failures, parts, interpreter);
}

/** Location by location, until one of them settles it. */
async function tryAll(place: InstallTarget, parts: BootstrapParts): Promise<Attempt[]> {
  const { tool, options, talk, host } = parts;
  checkMayWrite(place, options);
  // A wheel that is given by hand leaves no trace but the installation.
  const store = options.wheel === undefined ? artifactStore(options.cacheDir, host) : undefined;
  const { policy } = await policyFor(parts.policyInForce, host);
  const indexes = await openIndexClient(options, [], talk, host, { store, policy });
  await using _transport = indexes.transport;
  const locations = locationsFor(place, indexes, parts);
  if (locations.length === 0)
    throw new UsageError("nowhere-to-look", `There is no place to look for ${tool.name}: --no-index is given`, {
      hint: "Name a folder of wheels with --find-links, or a wheel with --wheel",
    });
  const attempts: Attempt[] = [];
  for (const location of locations) {
    talk.verbose(`Looking for ${tool.name} in ${location.name}`);
    const outcome = await attempt(location, place, indexes, store, parts);
    attempts.push(outcome);
    if ("version" in outcome || outcome.isFinal) break;
  }
  return attempts;
}

/** PEP 668. A virtual environment is nobody's but the user's. */
function checkMayWrite({ interpreter }: InstallTarget, { venv, breakSystemPackages }: BootstrapSettings): void {
  const isVirtual = venv !== undefined || interpreter.prefix !== interpreter.basePrefix;
  if (!isVirtual && breakSystemPackages !== true) checkNotManaged({ kind: "user", interpreter });
}

function locationsFor(
  { interpreter }: InstallTarget,
  indexes: OpenIndexes,
  { tool, options, talk, host }: BootstrapParts,
): readonly Location[] {
  const { wheel, offline } = options;
  if (wheel === undefined) return bootstrapLocations(tool, indexes, interpreter, offline === true, talk);
  const ref = localRef(resolve(host.cwd, wheel));
  if (ref.filename.name !== tool.name || ref.filename.kind !== "wheel")
    throw new UsageError("not-that-tool", `"${wheel}" is no wheel of ${tool.name}`);
  if (!existsSync(resolve(host.cwd, wheel))) throw new UsageError("no-such-file", `There is no "${wheel}"`);
  return [{ name: wheel, files: async () => [ref] }];
}

/**
 * The version of the tool that is on disk where the interpreter looks. Nothing is imported, and of all that is installed
 * only the names of folders are read (PyPA: recording installed projects).
 */
async function findInstalled({ name }: Tool, interpreter: Interpreter): Promise<string | undefined> {
  for (const site of sitesOf(interpreter)) {
    const folders = await readdir(site).catch(() => []);
    const found = folders.find((folder) => folder.startsWith(`${name}-`) && folder.endsWith(".dist-info"));
    if (found !== undefined) return found.slice(name.length + 1, -".dist-info".length);
  }
  return undefined;
}

function sitesOf({ prefix, basePrefix, schemes, user }: Interpreter): string[] {
  const own = [schemes.purelib, schemes.platlib];
  if (prefix !== basePrefix) return own;
  // Debian's own packages lie where sysconfig does not say.
  return [...own, user.schemes.purelib, user.schemes.platlib, join(prefix, "lib", "python3", "dist-packages")];
}

/** Tells the user, in three parts: the operation, the reasons, and what can be done by hand. */
function failed(
  operation: string,
  failures: readonly Failure[],
  parts: BootstrapParts,
  interpreter?: Interpreter,
): Bootstrapped {
  const { tool, host } = parts;
  const steps = stepsByHand(failures, parts, interpreter);
  renderBootstrapFailure({ tool: tool.name, operation, reasons: failures.map(({ reason }) => reason), steps }, host);
  // A refusal settled it; else what the last place said counts.
  const settled = failures.find(({ isFinal }) => isFinal) ?? failures.at(-1);
  return { outcome: "failed", exitCode: settled?.exitCode ?? exitCodes.undecided };
}
