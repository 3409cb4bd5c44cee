import type { Condition } from "./condition.ts";
import type { Duration } from "./duration.ts";
import { deny, type Facts, ruleLabel, type Shortfall } from "./shortfall.ts";
import { countingAttestations, unavailableAttestations } from "./unmet-attestation.ts";

/**
 * A file that was uploaded long enough ago. What is new is what nobody has looked at: most malicious uploads are found
 * within days.
 */
export function unmetAge(
  { minAge, missingTime }: Extract<Condition, { kind: "old-enough" }>,
  facts: Facts,
): Shortfall[] {
  const { origin, uploadTime } = facts.subject;
  // A file of this machine was uploaded to nobody.
  if (origin === "local" || minAge.milliseconds === 0) return [];
  if (uploadTime !== undefined) return unmetSince(uploadTime, "uploaded", minAge, facts);
  switch (missingTime) {
    case "ignore":
      return [];
    case "log":
      return unmetLogAge(minAge, facts);
    case "deny":
      return [deny("upload-time-absent", facts, `${asked(minAge, facts)}, and the index does not say when it was`)];
  }
}

/** The earliest time counts: from then on, these bytes were known to somebody. Another attestation changes nothing. */
function unmetLogAge(minAge: Duration, facts: Facts): Shortfall[] {
  const times = countingAttestations(facts).map(({ signedAt }) => signedAt.getTime());
  const earliest = new Date(Math.min(...times));
  if (times.length > 0 && unmetSince(earliest, "signed", minAge, facts).length === 0) return [];
  const open = unavailableAttestations(facts);
  if (open.length > 0) return open;
  if (times.length > 0) return unmetSince(earliest, "signed", minAge, facts);
  const words = `${asked(minAge, facts)}, and neither the index nor a transparency log says when it was`;
  return [deny("upload-time-absent", facts, words)];
}

function unmetSince(time: Date, what: "uploaded" | "signed", minAge: Duration, facts: Facts): Shortfall[] {
  if (facts.now.getTime() - time.getTime() >= minAge.milliseconds) return [];
  const goodFrom = new Date(time.getTime() + minAge.milliseconds);
  const words = `${asked(minAge, facts)}, it was ${what} ${time.toISOString()}: good from ${goodFrom.toISOString()} on`;
  return [deny("too-new", facts, words)];
}

function asked({ text }: Duration, facts: Facts): string {
  return `${ruleLabel(facts)} asks for files uploaded ${text} ago or earlier`;
}
