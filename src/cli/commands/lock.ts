import { basename, dirname, resolve } from "node:path";
import { hasDigest } from "../../distribution/digest.ts";
import { compatibleTags } from "../../distribution/tags.ts";
import { UsageError } from "../../errors.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import { formatLock, type LockedRelease } from "../../plan/format-lock.ts";
import { parseLockFile } from "../../plan/parse-lock-file.ts";
import type { Pin } from "../../resolve/engine.ts";
import type { LockOptions } from "../command-line/artifacts.ts";
import { exitCodeOf } from "../exit-code.ts";
import { identitiesOf } from "../gate/locked-identities.ts";
import { type JudgedRequest, prepareGate, runGate } from "../gate/run-gate.ts";
import { interpreterFor } from "../gate/target.ts";
import type { Host } from "../host.ts";
import { bytesOf } from "../read-text.ts";
import { checkDestination, writeOut, writeReport } from "../report/format.ts";
import { gateReport } from "../report/judge-report.ts";

/** `tspip lock`: chooses versions, passes what it chose through the gate, and writes it down with hashes and signers. */
export async function lock(words: readonly string[], options: LockOptions, host: Host): Promise<number> {
  const path = resolve(host.cwd, options.output);
  // PEP 751: "The file name MUST be pylock.toml or match pylock.NAME.toml."
  if (!/^pylock\.(?:[^.]+\.)?toml$/.test(basename(path)))
    throw new UsageError(
      "invalid-lock-file",
      `A lock file is called pylock.toml or pylock.NAME.toml, not "${options.output}"`,
    );
  await checkDestination(path, path);
  const run = await prepareGate(words, options, host);
  const interpreter = await interpreterFor(options, host);
  const preferred = options.upgrade === true ? [] : await pinsOf(path, host);
  await using result = await runGate(run, async () => ({ interpreter, installed: [], preferred }));

  const report = gateReport("lock", result, run.policy);
  if (report.outcome === "allowed") {
    const tags = new Set(compatibleTags(interpreter.tags));
    const packages = await Promise.all(result.judged.map((judged) => lockedRelease(judged, result, tags)));
    await writeOut(path, formatLock({ markers: interpreter.markers, packages }, dirname(path)));
  }
  await writeReport(report, run.destinations, options.color, host);
  if (report.outcome === "allowed") run.talk.info(`Wrote ${options.output}`);
  return exitCodeOf(report.outcome);
}

/** The versions of the lock file that is there already are kept where they fit. */
async function pinsOf(path: string, host: Host): Promise<Pin[]> {
  const bytes = await bytesOf(path, host).catch(() => undefined);
  host.signal.throwIfAborted();
  if (bytes === undefined) return [];
  return parseLockFile(bytes.toString("utf8"), path).packages.flatMap(({ name, version }) =>
    version === undefined ? [] : [{ name, version }],
  );
}

/**
 * The file that was judged, and the release's others that fit, as the index lists them: an older system may need one of
 * those. They are judged when they are installed.
 */
async function lockedRelease(
  { ref, artifact, verdict }: Judged,
  { release }: JudgedRequest,
  tags: ReadonlySet<string>,
): Promise<LockedRelease> {
  const judged = { ...ref, ...(artifact && { digests: artifact.digests, size: artifact.size }) };
  const others = (await release(ref)).filter(
    ({ filename, digests }) =>
      filename.text !== ref.filename.text &&
      filename.kind === "wheel" &&
      filename.tags.some((tag) => tags.has(tag)) &&
      hasDigest(digests),
  );
  return {
    name: ref.filename.name,
    version: ref.filename.version,
    ...(ref.requiresPython !== undefined && { requiresPython: ref.requiresPython }),
    files: [judged, ...others],
    identities: identitiesOf(verdict),
  };
}
