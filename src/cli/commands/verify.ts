import { UsageError } from "../../errors.ts";
import { bundleOption } from "../bundle/bundle-option.ts";
import type { VerifyOptions } from "../command-line/artifacts.ts";
import { exitCodeOf } from "../exit-code.ts";
import type { GateRun, GateTarget } from "../gate/gate-run.ts";
import { onlyInterpreter } from "../gate/look-only.ts";
import { readLock } from "../gate/requested-lock.ts";
import { type JudgedRequest, prepareGate, runGate } from "../gate/run-gate.ts";
import type { Host } from "../host.ts";
import { writeReport } from "../report/format.ts";
import { gateReport } from "../report/judge-report.ts";
import type { Report, ReportedArtifact } from "../report/report.ts";
import type { VsaWriter } from "../report/vsa-file.ts";

/** `tspip verify`: the gate, and nothing behind it. */
export async function verify(words: readonly string[], options: VerifyOptions, host: Host): Promise<number> {
  host.spareProcessor?.();
  const [asked, given] = options.diff === undefined ? [words, options] : diffRequest(words, options);
  await using opened = await bundleOption(given, host);
  if (opened?.outcome === "refused")
    return (await import("../bundle/refused-bundle.ts")).reportRefusedBundle("verify", opened, given, host);
  const bundle = opened?.bundle;
  const prepared = await prepareGate(asked, given, host, {
    severalPerProject: bundle === undefined,
    byDigest: bundle === undefined && mayJudgeDigests(given),
    bundle,
  });
  if (isBrief(prepared)) {
    await import("../../inspect/inspect-wheel.ts");
    host.expectBriefWork?.();
  }
  const run = { ...prepared, everySigner: given.diff !== undefined || given.reportCoverage === true };
  const writeSummaries = await summariesWriter(given, run, host);
  const askTarget = onlyInterpreter(run, given, host);
  await using result = await runGate(run, askTarget);
  // A gate that has nothing to judge lets everything through: somebody may have meant other groups.
  if (result.planned.length === 0)
    run.talk.warn("There is nothing to judge for this interpreter, these extras and groups");

  const judgement =
    options.diff === undefined
      ? gateReport("verify", result, run.policy)
      : await diffReport(options.diff, result, run, askTarget);
  const report = options.reportCoverage === true ? await withCoverage(judgement, result, run) : judgement;
  const shown = Number(options.verbose) > 0 ? await withReleases(report, result) : report;
  await writeReport(shown, run.destinations, options.color, host);
  await writeSummaries?.(result.judged, run);
  return exitCodeOf(report.outcome);
}

/** Some dozen files: fewer run nothing often enough to be compiled again, and for many hundreds it pays. */
function isBrief({ request: { plan } }: GateRun): boolean {
  const { length } = plan.files;
  return plan.locks.length === 0 && length >= 10 && length <= 300;
}

/**
 * Nothing is installed here, so the digests of a lock file may stand for the bytes; not where a summary says for others
 * that a file passed, as they will look at nothing themselves.
 */
function mayJudgeDigests({ download, vsa }: VerifyOptions): boolean {
  return download !== true && vsa === undefined;
}

/** What writes them is loaded where somebody asks for any. */
async function summariesWriter(options: VerifyOptions, { talk }: GateRun, host: Host): Promise<VsaWriter | undefined> {
  const asked = options.vsa ?? options.vsaKey ?? options.vsaVerifier;
  return asked === undefined ? undefined : (await import("../report/vsa-file.ts")).vsaWriter(options, talk, host);
}

/** `-v`: how the release of each artifact is attested. */
async function withReleases(report: Report, { judged, provenance }: JudgedRequest): Promise<Report> {
  const releases = await Promise.all(judged.map(({ ref }) => provenance(ref)));
  const artifacts = report.artifacts.map((artifact, at): ReportedArtifact => {
    const release = releases[at];
    if (release === undefined) return artifact;
    const { states, files, filesWithProvenance, comparedWith } = release;
    const counts = { files, files_with_provenance: filesWithProvenance };
    return { ...artifact, release: { states, ...counts, ...(comparedWith && { compared_with: comparedWith }) } };
  });
  return { ...report, artifacts };
}

async function withCoverage(report: Report, result: JudgedRequest, { policy, host }: GateRun): Promise<Report> {
  const { coverageOf } = await import("../report/coverage.ts");
  return { ...report, coverage: coverageOf(result, policy.policy, host.now()) };
}

/** `--diff OLD-LOCK NEW-LOCK`: the one word is the new lock. */
function diffRequest(words: readonly string[], options: VerifyOptions): [words: readonly string[], VerifyOptions] {
  const named = [...words, ...(options.lock === undefined ? [] : [options.lock])];
  const [lock] = named;
  if (named.length !== 1 || lock === undefined || options.requirement !== undefined)
    throw new UsageError("invalid-diff", "--diff compares two lock files and nothing else", {
      hint: "Write tspip verify --diff OLD-LOCK NEW-LOCK",
    });
  return [[], { ...options, lock }];
}

/** The report on the new lock, with what changed since the old one; the old one is asked for its signers, not judged. */
async function diffReport(
  oldLock: string,
  result: JudgedRequest,
  run: GateRun,
  askTarget: () => Promise<GateTarget>,
): Promise<Report> {
  const { diffLocks } = await import("../report/lock-diff.ts");
  const { findingsElsewhere, onlySigners, withChanges } = await import("../report/judged-changes.ts");
  const { request, options, host, policy } = run;
  const old = await readLock(oldLock, options, host);
  const [fresh] = request.plan.locks;
  if (fresh === undefined) throw new RangeError("There is no new lock file to compare with");
  const before = { lock: old.lock, judged: await judgeOld() };
  const changes = diffLocks(before, { lock: fresh.lock, judged: result.judged });
  const judged = withChanges(result.judged, before.judged, changes, policy.policy);
  const elsewhere = findingsElsewhere(result.judged, changes);
  return { ...gateReport("verify", { ...result, judged }, policy, elsewhere), changes };

  async function judgeOld() {
    try {
      const plan = { ...request.plan, locks: [old] };
      const asking = { ...policy, policy: onlySigners(policy.policy) };
      await using judgedOld = await runGate({ ...run, policy: asking, request: { ...request, plan } }, askTarget);
      return judgedOld.judged;
    } catch (error) {
      // What is wrong with the old lock is past; only its signers stay unknown.
      if (!(error instanceof UsageError)) throw error;
      run.talk.warn(`Signers of "${oldLock}" are not known: ${error.message}`);
      return [];
    }
  }
}
