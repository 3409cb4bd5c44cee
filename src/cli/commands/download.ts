import { basename, resolve } from "node:path";
import { EnvironmentError, UsageError } from "../../errors.ts";
import { admit } from "../../inspect/admit.ts";
import { attestationSuffixes } from "../../inspect/attestation-source.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import { signatureSuffix } from "../../inspect/signature-source.ts";
import { type KeptArtifact, type KeptDocument, keepArtifacts } from "../../install/keep.ts";
import type { DownloadOptions } from "../command-line/artifacts.ts";
import { exitCodeOf, exitCodes } from "../exit-code.ts";
import { checkIsFolder } from "../gate/check-is-folder.ts";
import { type JudgedRequest, prepareGate, runGate } from "../gate/run-gate.ts";
import { interpreterFor } from "../gate/target.ts";
import type { Host } from "../host.ts";
import { once } from "../once.ts";
import { counted } from "../render/words.ts";
import { checkDestination, writeReport } from "../report/format.ts";
import { gateReport } from "../report/judge-report.ts";
import type { Talk } from "../terminal.ts";

/** `tspip download`: everything that is asked for passes the gate and is kept with its provenance, or nothing is. */
export async function download(words: readonly string[], options: DownloadOptions, host: Host): Promise<number> {
  // Whoever takes the files elsewhere may have a policy that asks for more than this one.
  checkIsFolder(resolve(host.cwd, options.dest ?? "."), `download into "${options.dest}"`);
  const run = { ...(await prepareGate(words, options, host)), everySigner: true, keepDocuments: true };
  const signer = await bundleSigner(options, run.talk, host);
  const interpreter = once(() => interpreterFor(options, host));
  const target = async () => ({ interpreter: await interpreter(), installed: [], preferred: [] });
  await using result = await runGate(run, target);

  const report = gateReport("download", result, run.policy);
  if (host.signal.aborted) return exitCodes.interrupted;
  const said: string[] = [];
  if (report.outcome === "allowed") {
    const kept = result.judged.flatMap((judged) => keptArtifact(judged, result));
    if (signer !== undefined) {
      const { writeBundle } = await import("../bundle/write-bundle.ts");
      const { markers } = await interpreter();
      const sha256 = await writeBundle(signer.file, { run, result, kept, markers, signer: signer.signer });
      said.push(
        `Wrote ${signer.file}: ${counted(kept.length, "artifact")}, signed by ${signer.signer.key}`,
        `sha256:${sha256}`,
      );
    }
    if (signer === undefined || options.dest !== undefined) {
      const folder = options.dest ?? ".";
      await keepArtifacts(kept, resolve(host.cwd, folder), { processes: host, onNotice: run.talk.info });
      said.push(`Downloaded ${counted(kept.length, "artifact")} into ${folder}`);
    }
  }
  await writeReport(report, run.destinations, options.color, host);
  for (const line of said) run.talk.info(line);
  return exitCodeOf(report.outcome);
}

/** Who signs `--bundle`, asked for before anything else happens: a passphrase may be forgotten, a folder not there. */
async function bundleSigner({ bundle, key, ...options }: DownloadOptions, talk: Talk, host: Host) {
  if (bundle === undefined) {
    if (key === undefined) return undefined;
    throw new UsageError("wrong-argument", "--key signs a bundle: give --bundle FILE, or leave it out");
  }
  if (key === undefined)
    throw new UsageError(
      "wrong-argument",
      "--bundle needs --key FILE: nobody should take a bundle that nobody signed",
      {
        hint: "tspip key new FILE makes a key",
      },
    );
  const path = resolve(host.cwd, bundle);
  await checkDestination(path, path);
  const { fileSigner } = await import("../signing/key-file.ts");
  return { file: bundle, signer: await fileSigner(key, options, talk, host) };
}

function keptArtifact({ artifact, verdict }: Judged, { vouching }: JudgedRequest): KeptArtifact[] {
  if (artifact === undefined || verdict.decision !== "allow") return [];
  const documents = new Map<string, KeptDocument>();
  for (const { bytes, place } of vouching(artifact.ref)) {
    const filename = freeName(artifact.ref.filename.text, basename(place), documents);
    documents.set(filename, { filename, bytes });
  }
  return [{ artifact: admit(artifact, verdict), documents: [...documents.values()] }];
}

/**
 * The name under which `--attestations` and the policy's places find a document: its own where it has one of them, else
 * the first that is free, since readers go by what is in it.
 */
function freeName(artifact: string, own: string, taken: ReadonlyMap<string, unknown>): string {
  const suffixes = own.endsWith(signatureSuffix) ? [signatureSuffix] : attestationSuffixes;
  const names = suffixes.map((suffix) => artifact + suffix);
  const free = [...names.filter((name) => name === own), ...names].find((name) => !taken.has(name));
  if (free !== undefined) return free;
  throw new EnvironmentError("download-conflict", `More documents vouch for "${artifact}" than there are names for`, {
    hint: "Give fewer places with --attestations",
  });
}
