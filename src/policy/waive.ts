import type { Condition } from "./condition.ts";
import { matches } from "./match.ts";
import type { Policy, PolicyException, Waivable } from "./policy.ts";
import { type Facts, lastDay, type Shortfall } from "./shortfall.ts";

/**
 * What is left of `shortfalls`, those of `condition`, when exceptions have their say: what one waives becomes a warning
 * that names it. One that has expired waives nothing, and is named too.
 */
export function waive(
  shortfalls: readonly Shortfall[],
  condition: Condition,
  { exceptions }: Policy,
  facts: Facts,
): Shortfall[] {
  return shortfalls.flatMap((shortfall) => {
    const key = waivableOf(condition, shortfall);
    if (key === undefined) return [shortfall];
    const fitting = exceptions.filter(({ match, waive: keys }) => keys.includes(key) && matches(match, facts.subject));
    const exception = fitting.find(({ expires }) => facts.now < expires);
    if (exception !== undefined) return [waived(shortfall, exception)];
    return [shortfall, ...fitting.map((expired) => expiry(expired, facts))];
  });
}

/** The key of the rule that asks for what is missing; nothing where no exception helps, as with a bad attestation. */
function waivableOf(condition: Condition, { effect, id }: Shortfall): Waivable | undefined {
  if (effect !== "deny" && effect !== "undecided") return undefined;
  switch (condition.kind) {
    case "attested":
    case "not-downgraded":
    case "signed":
      // With absence waived, attestations are still not to be bad, nor to be by others where the rule says by whom.
      // Too few of those is no worse than none; `unmetSignature` tells that from attestations by others only.
      if (id === "attestation-absent" || id === "attestation-lost" || id === "threshold-not-met") return "attestation";
      return effect === "deny" && condition.kind === "signed" ? condition.predicate : undefined;
    case "key-signed":
      return "signatures";
    case "vouched":
      return "vouch";
    case "summarized":
      // A verifier that says no is heard, and could hide behind what was not seen.
      return effect === "deny" && id !== "summary-failed" && id !== "second-opinion-disagrees" ? "summary" : undefined;
    case "continuous":
      return effect === "deny" ? "continuity" : undefined;
    case "hash":
      return "hashes";
    case "not-sdist":
      return "sdist";
    case "old-enough":
      return "min-age";
    case "status":
      return "status";
    case "from-source":
      return "sources";
    default:
      return undefined;
  }
}

function waived(shortfall: Shortfall, { id, reason, owner, expires }: PolicyException): Shortfall {
  const words = `waived by exception "${id}" until ${lastDay(expires)} (${reason}; ${owner})`;
  return { ...shortfall, effect: "warn", text: `${shortfall.text}; ${words}`, exception: id };
}

function expiry({ id, owner, expires }: PolicyException, { subject }: Facts): Shortfall {
  const text = `exception "${id}" would waive this, and held until ${lastDay(expires)} (${owner})`;
  return { effect: "warn", id: "exception-expired", text, about: subject.filename };
}

/** The exceptions that no longer hold: whoever wrote them has to renew or remove them. */
export function expiredExceptions({ exceptions }: Policy, now: Date): readonly PolicyException[] {
  return exceptions.filter(({ expires }) => now >= expires);
}
