import { isInside, type TransparencyLog, type TrustedRoot } from "../trust/trusted-root.ts";
import type { LogEntry } from "./bundle.ts";
import { verifyCheckpoint } from "./checkpoint.ts";
import { verifyInclusion } from "./inclusion-proof.ts";
import { isRekor2, type LoggedSignature, readLoggedSignature } from "./log-entry-body.ts";
import { iso, latestMoment, type TrustedTime } from "./trusted-time.ts";
import { type Verification, VerificationError } from "./verification.ts";

/** What of ours an entry has to be about. */
export interface SignedContent {
  /** SHA-256 of the bytes that the signature covers. */
  readonly signedDigest: Buffer;
  /** SHA-256 of the payload, when those bytes are the encoding of an envelope. */
  readonly payloadDigest?: Buffer;
  readonly signature: Buffer;
  /** DER of the certificate, or of the key's SubjectPublicKeyInfo. */
  readonly verifier: Buffer;
}

/**
 * The time at which the log took the entry, as far as the log has signed for it.
 * @returns `undefined` when there is no promise: a bare `integratedTime` is anybody's word (CVE-2026-48816)
 */
export function promisedTime(
  entry: LogEntry,
  root: TrustedRoot,
  { isSignedBy, steps }: Verification,
): TrustedTime | undefined {
  const { integratedTime, signedEntryTimestamp } = entry;
  if (signedEntryTimestamp === undefined) return undefined;
  if (integratedTime === undefined) return fail("signed-entry-timestamp", "Log entry has a promise without a time");
  const moment = Number(integratedTime) * 1000;
  if (moment > latestMoment) fail("signed-entry-timestamp", `Log entry's time ${integratedTime} is not a time`);
  const promise = promiseBytes(entry, integratedTime);
  const logs = trustedLogs(entry, root).filter(({ validFor }) => isInside(moment, validFor));
  if (logs.length === 0) fail("signed-entry-timestamp", `Log of the entry is not trusted for ${iso(moment)}`);
  const log = logs.find(({ key }) => isSignedBy(key, promise, signedEntryTimestamp));
  if (log === undefined) return fail("signed-entry-timestamp", "Log's promise (SET) does not verify");
  steps?.push({ check: "signed-entry-timestamp", detail: `${iso(moment)}, index ${entry.logIndex}, by ${log.name}` });
  return { moment, source: `the log ${log.name}` };
}

/** What Rekor signs as SET: RFC 8785 JSON. Only text that needs no escape is in it, so it can be written by hand. */
function promiseBytes({ canonicalizedBody, logId, logIndex }: LogEntry, integratedTime: bigint): Buffer {
  const body = canonicalizedBody.toString("base64");
  const logID = logId.toString("hex");
  return Buffer.from(`{"body":"${body}","integratedTime":${integratedTime},"logID":"${logID}","logIndex":${logIndex}}`);
}

/**
 * Verifies that a trusted log holds `entry`, and that the entry is about `content`. `times` are all trusted times of
 * the bundle; the log has to be trusted at each.
 */
export function verifyLogEntry(
  entry: LogEntry,
  content: SignedContent,
  times: readonly TrustedTime[],
  root: TrustedRoot,
  verification: Verification,
): void {
  const { steps } = verification;
  const log = logAt(entry, times, root);
  const proof = entry.inclusionProof ?? fail("inclusion-proof", "Log entry has no inclusion proof");
  const checkpoint = proof.checkpoint ?? fail("checkpoint", "Log entry's inclusion proof has no checkpoint");
  // Rekor 2 has one tree a log. Nobody signs the outer index there, so it must be the proven one.
  if (isRekor2(entry) && entry.logIndex !== proof.logIndex) {
    fail("inclusion-proof", `Log entry is said to have the index ${entry.logIndex}, proven is ${proof.logIndex}`);
  }
  verifyInclusion(entry.canonicalizedBody, proof, steps);
  verifyCheckpoint(checkpoint, proof, log, verification);
  checkIsAbout(readLoggedSignature(entry), content);
  steps?.push({
    check: "log-entry",
    detail: `${entry.kind} ${entry.version} is about this signature, this content and this certificate or key`,
  });
}

function logAt(entry: LogEntry, times: readonly TrustedTime[], root: TrustedRoot): TransparencyLog {
  const log = trustedLogs(entry, root).find(({ validFor }) => times.every(({ moment }) => isInside(moment, validFor)));
  return log ?? fail("log-entry", "Log of the entry is not trusted for the time of signing");
}

function trustedLogs({ logId }: LogEntry, { transparencyLogs }: TrustedRoot): readonly TransparencyLog[] {
  const logs = transparencyLogs.filter((log) => log.logId.equals(logId) || log.checkpointKeyId.equals(logId));
  if (logs.length === 0) fail("log-entry", `Log "${logId.toString("hex")}" of the entry is not in the trusted root`);
  return logs;
}

/**
 * The entry has to name our signature, our content and our certificate, or it is somebody else's that lends us its time
 * (CVE-2022-36056, CVE-2026-22703).
 */
function checkIsAbout(logged: LoggedSignature, content: SignedContent): void {
  const digest = logged.digestOf === "payload" ? content.payloadDigest : content.signedDigest;
  if (digest === undefined || !logged.digest.equals(digest)) fail("log-entry", "Log entry is about other content");
  if (!logged.signature.equals(content.signature)) fail("log-entry", "Log entry is about another signature");
  if (!logged.verifier.equals(content.verifier)) fail("log-entry", "Log entry is about another certificate or key");
}

/** Whether verifying the entry has proved its outer index, too: Rekor 1 signs it in its promise, Rekor 2 has only the proof's. */
export function hasVerifiedIndex(entry: LogEntry): boolean {
  return entry.signedEntryTimestamp !== undefined || isRekor2(entry);
}

/** Repeats of one entry say nothing more than the entry, but look like more. */
export function checkDistinct(entries: readonly LogEntry[]): void {
  const repeats = entries.filter((entry, at) => entries.findIndex((other) => isSameEntry(entry, other)) < at);
  if (repeats.length > 0) fail("log-entry", "Bundle has the same log entry twice");
}

function isSameEntry(left: LogEntry, right: LogEntry): boolean {
  return left.logId.equals(right.logId) && left.canonicalizedBody.equals(right.canonicalizedBody);
}

function fail(
  check: "log-entry" | "signed-entry-timestamp" | "inclusion-proof" | "checkpoint",
  problem: string,
): never {
  throw new VerificationError(check, problem);
}
