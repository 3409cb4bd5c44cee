import { UsageError } from "../../errors.ts";
import type { AttestOptions } from "../command-line/artifacts.ts";
import { exitCodeOf, exitCodes } from "../exit-code.ts";
import { checkFilesAlone } from "../gate/files-alone.ts";
import { onlyInterpreter } from "../gate/look-only.ts";
import { prepareGate, runGate } from "../gate/run-gate.ts";
import type { Host } from "../host.ts";
import { writeReport } from "../report/format.ts";
import { gateReport } from "../report/judge-report.ts";
import { identitySource } from "../settings/ci-identity.ts";
import { withPublishPolicy } from "../settings/publish-policy.ts";
import { attestFiles, isAttested } from "../signing/attest-files.ts";

/** `tspip attest`: signs publish attestations (PEP 740) with the identity of a CI job, for files that are in order. */
export async function attest(files: readonly string[], options: AttestOptions, host: Host): Promise<number> {
  const gateOptions = { ...options, deps: false, index: false };
  const prepared = await prepareGate(files, gateOptions, host, { severalPerProject: true });
  checkFilesAlone(prepared, "attest");
  const run = withPublishPolicy(prepared, { evenIfNamed: true });
  await using result = await runGate(run, onlyInterpreter(run, gateOptions, host));
  const report = gateReport("attest", result, run.policy);
  // What is in the transparency log stays there: a file that users would refuse is not signed.
  if (report.outcome !== "allowed") {
    await writeReport(report, run.destinations, options.color, host);
    return exitCodeOf(report.outcome);
  }
  const artifacts = result.judged.flatMap(({ artifact }) => artifact ?? []);
  const done = artifacts.find(isAttested);
  if (done !== undefined)
    throw new UsageError("file-exists", `"${done.ref.filename.text}" has an attestation beside it already`, {
      hint: "Remove it to make another",
    });
  const token = await identitySource(options, host)?.("sigstore");
  if (token === undefined)
    throw new UsageError("no-identity", "There is no identity to sign with: no CI job's, and no SIGSTORE_ID_TOKEN", {
      hint: "On GitHub give the job `permissions: id-token: write`; on GitLab an id token named SIGSTORE_ID_TOKEN",
    });
  await attestFiles(artifacts, token, options, run);
  return exitCodes.done;
}
