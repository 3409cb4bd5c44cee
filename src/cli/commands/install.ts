import { resolve } from "node:path";
import { isVersion, parseVersion } from "../../distribution/version.ts";
import { createCompiler } from "../../environment/compiler.ts";
import type { Environment } from "../../environment/environment.ts";
import type { Installed } from "../../environment/installed.ts";
import { type Scan, scanInstalled } from "../../environment/scan.ts";
import { threadsForFiles } from "../../inspect/inspectors/wheel.ts";
import { install as installItems } from "../../install/install.ts";
import { isSettled } from "../../plan/plan-request.ts";
import { pinFor } from "../../policy/unmet-continuity.ts";
import type { Pin } from "../../resolve/engine.ts";
import { openQuarantine } from "../../unpack/quarantine.ts";
import { writeSbom } from "../audit/sbom-file.ts";
import { bundleOption } from "../bundle/bundle-option.ts";
import type { InstallOptions } from "../command-line/artifacts.ts";
import { exitCodeOf, exitCodes } from "../exit-code.ts";
import { goAhead } from "../gate/ahead.ts";
import type { GateRun } from "../gate/gate-run.ts";
import { installItem } from "../gate/install-item.ts";
import { type JudgedRequest, prepareGate, runGate } from "../gate/run-gate.ts";
import { type InstallTarget, installTarget, pythonOfTarget } from "../gate/target.ts";
import type { Host } from "../host.ts";
import { checkDestination, writeReport } from "../report/format.ts";
import { gateReport } from "../report/judge-report.ts";
import { vsaWriter } from "../report/vsa-file.ts";
import { treeStore } from "../settings/cache-folder.ts";
import { policyFolder, writePins } from "../settings/pins-files.ts";
import { sourceDate } from "../source-date.ts";

/** `tspip install`: everything that is asked for passes the gate and is installed, or nothing is. */
export async function install(words: readonly string[], options: InstallOptions, host: Host): Promise<number> {
  const created = sourceDate(host) ?? host.now();
  await using given = await bundleOption(options, host);
  if (given?.outcome === "refused")
    return (await import("../bundle/refused-bundle.ts")).reportRefusedBundle("install", given, options, host);
  const run = await prepareGate(words, options, host, { bundle: given?.bundle });
  // Pages of projects, which versions are chosen from, are many objects; and much is loaded to choose.
  const hasChoice = !isSettled(run.request.plan);
  if (!hasChoice) host.expectManyFiles?.();
  const writeSummaries = await vsaWriter(options, run.talk, host);
  await using threads = options.dryRun ? undefined : threadsForFiles(run.request.plan.files.length, host.processors);
  await using ahead = hasChoice ? goAhead(run, pythonOfTarget(options, host)) : undefined;
  const [place] = await Promise.all([installTarget(options, host), ahead?.loaded]);
  if (hasChoice) host.expectBriefWork?.();
  for (const file of [options.sbom, ...run.destinations.map((destination) => destination.file)])
    if (file !== undefined) await checkDestination(resolve(host.cwd, file), place.directory);
  const installed = place.existing === undefined ? [] : (await scan(place.existing)).installed;
  await using quarantine = options.dryRun ? undefined : await openQuarantine(place.directory, host);
  const target = {
    interpreter: place.interpreter,
    installed,
    preferred: options.upgrade === true ? [] : installed.flatMap(pinOf),
    engineCache: ahead?.engineCache,
  };
  const unpacking = quarantine && {
    quarantine: quarantine.path,
    trees: treeStore(options.cacheDir, run.talk, host),
    linkMode: options.linkMode,
    threads,
  };
  await using result = await runGate(run, async () => target, unpacking);

  const report = gateReport("install", result, run.policy);
  const isAllowed = report.outcome === "allowed";
  if (host.signal.aborted) return exitCodes.interrupted;
  if (isAllowed && !options.dryRun) {
    const environment = await installAdmitted(run, result, place, options);
    // The pins of a bundle's policy are the maker's.
    if (run.bundle?.hasOwnPolicy !== true) await recordPins(run, result);
    if (options.sbom !== undefined) await writeSbom(resolve(host.cwd, options.sbom), environment, place.label, created);
  }
  await writeReport(report, run.destinations, options.color, host);
  await writeSummaries(result.judged, run);
  if (isAllowed)
    run.talk.info(options.dryRun ? "Installed nothing: this was a dry run" : `Installed into ${place.label}`);
  return exitCodeOf(report.outcome);
}

/** `continuity` with `on-new = "record"`: what was installed is what later releases are compared with. */
async function recordPins({ policy: { policy, path }, talk, host }: GateRun, { judged }: JudgedRequest): Promise<void> {
  const written = await writePins(judged, policy, policyFolder(path, host), host, (rule, { ref, verdict }) =>
    pinFor(rule, policy, { ...ref.filename, filename: ref.filename.text }, verdict.evidence),
  );
  if (written.length > 0) talk.info(`Pinned who signed: ${written.join(", ")}`);
}

function pinOf({ name, version }: Installed): Pin[] {
  return isVersion(version) ? [{ name, version: parseVersion(version) }] : [];
}

async function installAdmitted(
  { policy, talk, host }: GateRun,
  result: JudgedRequest,
  place: InstallTarget,
  options: InstallOptions,
): Promise<Environment> {
  const items = result.judged.flatMap((judged, at) =>
    installItem(judged, result, result.planned[at]?.requested === true, policy),
  );
  const altered = await result.keepTrees(items.map(({ artifact }) => artifact));
  for (const { ref } of altered)
    talk.warn(`"${ref.filename.text}" in the cache is not what was kept there: it was unpacked again`);
  result.letGo();
  try {
    const environment = await place.make();
    talk.progress(`Installing ${items.length} distributions`);
    const compiler =
      options.compile === true ? createCompiler(environment.interpreter, host.env, host.processors) : undefined;
    await installItems(items, environment, { processes: host, onNotice: talk.info, compiler });
    talk.progress("");
    return environment;
  } catch (error) {
    await place.discard();
    throw error;
  }
}

function scan({ schemes: { purelib, platlib } }: Environment): Promise<Scan> {
  return scanInstalled([purelib, platlib]);
}
