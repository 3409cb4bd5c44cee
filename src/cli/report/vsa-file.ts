import { basename, isAbsolute, resolve } from "node:path";
import { UsageError } from "../../errors.ts";
import { concurrently } from "../../inspect/concurrently.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import { signEnvelope } from "../../summary/envelope.ts";
import { type JudgedFile, writeSummary } from "../../summary/summary-statement.ts";
import type { GateRun } from "../gate/gate-run.ts";
import type { Host } from "../host.ts";
import { counted } from "../render/words.ts";
import type { KeylessOptions, LineSigner } from "../signing/keyless.ts";
import type { Talk } from "../terminal.ts";
import { version } from "../version.ts";
import { writeOut } from "./format.ts";

/** The options of commands that write verification summaries. */
export interface VsaOptions extends KeylessOptions {
  readonly vsa?: string | undefined;
  readonly vsaKey?: string | undefined;
  readonly vsaVerifier?: string | undefined;
  readonly passphraseFile?: string | undefined;
}

/** Writes a summary of each artifact that was judged; nothing where none was asked for. */
export type VsaWriter = (judged: readonly Judged[], run: GateRun) => Promise<void>;

/** How many signatures are asked for at once, where each needs a certificate and an entry in a log. */
const parallelSignatures = 4;

/**
 * Reads the key, or finds the identity of the job, before anything else happens.
 * @throws UsageError
 */
export async function vsaWriter(options: VsaOptions, talk: Talk, host: Host): Promise<VsaWriter> {
  const { vsa, vsaKey, vsaVerifier } = options;
  if (vsa === undefined) {
    if (vsaKey !== undefined || vsaVerifier !== undefined)
      throw new UsageError("wrong-argument", "--vsa-key and --vsa-verifier go with --vsa FILE");
    return async () => {};
  }
  if (vsaVerifier === undefined || !URL.canParse(vsaVerifier))
    throw new UsageError(
      "wrong-argument",
      "--vsa needs --vsa-verifier URI: who verified, as a policy's summary asks for it",
      {
        hint: "Such as --vsa-verifier https://ci.example.org/tspip",
      },
    );
  const sign = await signerFor(options, talk, host);
  return async (judged, { policy }) => {
    const facts = {
      verifier: vsaVerifier,
      verifierVersion: version,
      timeVerified: host.now(),
      policy: { uri: policyUri(policy.source), sha256: policy.sha256 },
    };
    const files = judged.flatMap((one) => judgedFile(one, facts) ?? []);
    const lines = await concurrently(files, parallelSignatures, (file) => sign(writeSummary(file), file.filename.text));
    await writeOut(resolve(host.cwd, vsa), lines.map((line) => `${line}\n`).join(""));
    const left = judged.length - files.length;
    if (left > 0)
      talk.warn(`${counted(left, "artifact")} without a verdict or a digest: no summary says anything of it`);
    talk.info(`Wrote ${vsa}: of ${counted(files.length, "artifact")} whether it passed`);
  };
}

async function signerFor(options: VsaOptions, talk: Talk, host: Host): Promise<LineSigner> {
  const { vsaKey, passphraseFile } = options;
  if (vsaKey === undefined) return (await import("../signing/keyless.ts")).keylessSigner(options, host);
  const { fileSigner } = await import("../signing/key-file.ts");
  const signer = await fileSigner(vsaKey, { passphraseFile }, talk, host);
  return (statement) => signEnvelope(statement, signer);
}

/** Nothing for what was not decided, or was refused before its digest was known: a summary says yes or no of a digest. */
function judgedFile(
  { ref, artifact, sha256: ofLock, verdict }: Judged,
  facts: Omit<JudgedFile, "filename" | "sha256" | "result">,
): JudgedFile | undefined {
  const sha256 = artifact?.digests.sha256 ?? ofLock;
  if (sha256 === undefined || verdict.decision === "undecided") return undefined;
  return { ...facts, filename: ref.filename, sha256, result: verdict.decision === "allow" ? "PASSED" : "FAILED" };
}

/** Where a policy lies on this machine is nobody's business. */
function policyUri(source: string): string {
  return encodeURI(isAbsolute(source) ? basename(source) : source);
}
