import { bootstrapPolicyText } from "../../bootstrap/bootstrap-policy.ts";
import { type Candidate, chooseCandidate, toCandidate } from "../../bootstrap/candidate.ts";
import type { ArtifactRef } from "../../distribution/artifact.ts";
import { digestOf } from "../../distribution/digest.ts";
import type { Environment } from "../../environment/environment.ts";
import type { Interpreter } from "../../environment/interpreter.ts";
import { EnvironmentError, IndexError, PolicyFileError, TspipError, UsageError } from "../../errors.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import { install } from "../../install/install.ts";
import type { ArtifactStore } from "../../memory/artifact-store.ts";
import { parsePolicy } from "../../policy/parse.ts";
import { openQuarantine } from "../../unpack/quarantine.ts";
import { exitCodeOfError, exitCodes } from "../exit-code.ts";
import { type GateSession, openGate } from "../gate/gate-session.ts";
import type { OpenIndexes } from "../gate/index-client.ts";
import { installItem } from "../gate/install-item.ts";
import { type InstallTarget, planTarget } from "../gate/target.ts";
import type { Host } from "../host.ts";
import { signersOf } from "../render/words.ts";
import { gateReport } from "../report/judge-report.ts";
import { type PolicyInForce, policyFor } from "../settings/policy-in-force.ts";
import type { Location } from "./bootstrap-locations.ts";
import type { BootstrapParts } from "./bootstrap-parts.ts";

/** What one location came to. */
export type Attempt = Success | Failure;

export interface Success {
  readonly version: string;
  /** That of the environment, which may have been made for it. */
  readonly interpreter: Interpreter;
}

export interface Failure {
  readonly kind: "not-had" | "refused" | "other-authority" | "no-place" | "environment";
  readonly reason: string;
  readonly exitCode: number;
  /** Whether no further location is asked: after a refusal an attacker would choose the weakest. */
  readonly isFinal: boolean;
}

/** Takes the location's candidate through the gate and installs it. */
export async function attempt(
  location: Location,
  place: InstallTarget,
  { client, transport }: Pick<OpenIndexes, "client" | "transport">,
  store: ArtifactStore | undefined,
  parts: BootstrapParts,
): Promise<Attempt> {
  const { tool, options, talk, host } = parts;
  try {
    const candidate = choose(await location.files(), place, parts);
    if (candidate === undefined) return nothingThere(location, place, parts);
    const policy = await bootstrapPolicy(candidate, parts);
    const used = { client, transport, policy, options, talk, host, store };
    await using quarantine = await openQuarantine(place.directory, host);
    await using gate = await openGate({ ...used, unpacking: { quarantine: quarantine.path, linkMode: "copy" } });
    const [judged] = await gate.judge([{ ref: candidate.ref, relation: "direct" }]);
    if (judged?.verdict.decision !== "allow") return refused(judged, location, candidate, parts);
    const { interpreter } = await installJudged(judged, gate, policy, place, parts);
    const { text } = candidate.ref.filename.version;
    talk.info(
      `Installed ${tool.name} ${text} into "${place.label}": ${vouchingWords(candidate, judged, policy, parts)}`,
    );
    return { version: text, interpreter };
  } catch (error) {
    const failure = toFailure(error, host);
    return failure.kind === "not-had" ? { ...failure, reason: `${location.name}: ${failure.reason}` } : failure;
  }
}

/** That there is no environment to install into: another has to be named or made. */
const noPlace: ReadonlySet<string> = new Set(["no-interpreter", "no-user-site", "externally-managed"]);

/** What is no error of ours is a bug, a wrong request is told as one, and an interruption is the user's wish. */
export function toFailure(error: unknown, { signal }: Host): Failure {
  const isRequest = error instanceof UsageError || error instanceof PolicyFileError;
  if (!(error instanceof TspipError) || isRequest || signal.aborted) throw error;
  const exitCode = exitCodeOfError(error);
  const reason = error.hint === undefined ? error.message : `${error.message}\n(${error.hint})`;
  if (noPlace.has(error.code)) return { kind: "no-place", reason, exitCode, isFinal: true };
  if (error instanceof EnvironmentError) return { kind: "environment", reason, exitCode, isFinal: true };
  // Whoever is at the other end is not who he has to be: as final as a refusal.
  if (error.code === "authority-not-pinned") return { kind: "other-authority", reason, exitCode, isFinal: true };
  return { kind: "not-had", reason, exitCode, isFinal: !(error instanceof IndexError) };
}

function choose(files: readonly ArtifactRef[], place: InstallTarget, parts: BootstrapParts): Candidate | undefined {
  const { tool, options, talk } = parts;
  const [named] = files;
  // A policy of the user's own may be for a private build, and about evidence of any kind.
  const hasOwnPolicy = options.policy !== undefined;
  const vouched = hasOwnPolicy ? { ...tool, knownWheels: new Map() } : tool;
  if (options.wheel !== undefined && named !== undefined) return toCandidate(named, vouched);
  const mayBeAttested = ({ url }: ArtifactRef) =>
    hasOwnPolicy || url.protocol === "file:" || options.attestations !== undefined;
  const { candidate, passedOver } = chooseCandidate(files, vouched, planTarget(place.interpreter), mayBeAttested);
  for (const { filename, url } of passedOver)
    talk.warn(
      `Passed over "${filename.text}" of ${url.host}: it has no attestation, and tspip does not know its digest`,
    );
  return candidate;
}

/** `--policy`, else what tspip came with. */
async function bootstrapPolicy(
  { ref, vouching }: Candidate,
  { tool, options, host }: BootstrapParts,
): Promise<PolicyInForce> {
  if (options.policy !== undefined) return policyFor(options, host);
  const text = bootstrapPolicyText(tool, ref.filename.version, vouching);
  const source = `built-in ${tool.name}-bootstrap`;
  return { policy: parsePolicy(text, source), source, text, sha256: digestOf(Buffer.from(text)) };
}

function nothingThere(location: Location, { interpreter }: InstallTarget, { tool }: BootstrapParts): Failure {
  const reason = `${location.name}: there is no wheel of ${tool.name} for Python ${interpreter.version.join(".")}`;
  return { kind: "not-had", reason, exitCode: exitCodes.undecided, isFinal: false };
}

/** Evidence or bytes that could not be had may be had elsewhere; what is refused is refused. */
function refused(
  judged: Judged | undefined,
  { name }: Location,
  { vouching }: Candidate,
  { tool }: BootstrapParts,
): Failure {
  if (judged === undefined) throw new RangeError("One request gives one answer");
  const { ref, verdict } = judged;
  const isRefused = verdict.decision === "deny";
  const findings = verdict.findings
    .filter(({ severity }) => severity === "error")
    .map(({ id, message }) => `[${id}] ${message}`);
  const source = `(The digest of ${ref.filename.text} is known to tspip since ${tool.knownSince})`;
  const known = isRefused && vouching === "digest" ? [source] : [];
  const outcome = `${name}: ${isRefused ? "refused" : "undecided about"} ${ref.filename.text}`;
  return {
    kind: isRefused ? "refused" : "not-had",
    reason: [outcome, ...findings, ...known].join("\n"),
    exitCode: isRefused ? exitCodes.refused : exitCodes.undecided,
    isFinal: isRefused,
  };
}

async function installJudged(
  judged: Judged,
  gate: GateSession,
  policy: PolicyInForce,
  place: InstallTarget,
  { talk, host }: BootstrapParts,
): Promise<Environment> {
  try {
    const environment = await place.make();
    await install(installItem(judged, gate, true, policy), environment, { processes: host, onNotice: talk.info });
    return environment;
  } catch (error) {
    await place.discard();
    throw error;
  }
}

function vouchingWords(candidate: Candidate, judged: Judged, policy: PolicyInForce, { tool, options }: BootstrapParts) {
  const report = gateReport("bootstrap", { planned: [], judged: [judged] }, policy);
  const signers = report.artifacts.flatMap(signersOf);
  if (options.policy !== undefined) return `allowed under policy "${policy.source}"`;
  if (candidate.vouching === "digest") return `its digest is the one that tspip has known since ${tool.knownSince}`;
  return `published by ${signers.join(", ")}`;
}
