import type { TrustedRoot } from "../trust/trusted-root.ts";
import type { Bundle } from "./bundle.ts";
import { verifyTimestamp } from "./timestamp.ts";
import { checkDistinct, promisedTime } from "./transparency-log.ts";
import { iso, type TrustedTime } from "./trusted-time.ts";
import { type Verification, VerificationError } from "./verification.ts";

/** Clocks differ; logs and authorities keep theirs well. */
const clockToleranceMilliseconds = 5 * 60_000;

/**
 * The times of signing that somebody trusted has signed for; never none. Every timestamp and every promise of the
 * bundle has to verify, whether its time is needed or not.
 */
export function verifyTimes(
  bundle: Bundle,
  root: TrustedRoot,
  now: Date | undefined,
  verification: Verification,
): readonly TrustedTime[] {
  if (bundle.entries.length === 0)
    throw new VerificationError("log-entry", "Bundle has no entry of a transparency log");
  checkDistinct(bundle.entries);
  const { signature } = bundle.content;
  // A stamp twice says nothing more than the stamp.
  if (new Set(bundle.timestamps.map((timestamp) => timestamp.toString("base64"))).size < bundle.timestamps.length) {
    throw new VerificationError("timestamp", "Bundle has the same timestamp twice");
  }
  const times: TrustedTime[] = [];
  for (const timestamp of bundle.timestamps) times.push(verifyTimestamp(timestamp, signature, root, verification));
  for (const entry of bundle.entries) {
    const promised = promisedTime(entry, root, verification);
    if (promised !== undefined) times.push(promised);
  }
  if (times.length === 0) {
    throw new VerificationError(
      "timestamp",
      "Nobody trusted has signed for the time: no log's promise and no timestamp",
    );
  }
  const future = now && times.find(({ moment }) => moment > now.getTime() + clockToleranceMilliseconds);
  if (future)
    throw new VerificationError("timestamp", `The time of ${future.source} is ${iso(future.moment)}, in the future`);
  return times;
}
