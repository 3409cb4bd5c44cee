import type { Evidence } from "../verdict/evidence.ts";
import type { Condition } from "./condition.ts";
import { type Continuity, compareWithPins } from "./continuity.ts";
import type { Pin } from "./pins.ts";
import type { Policy, PolicyRule, PolicySubject } from "./policy.ts";
import { principalOf } from "./principal.ts";
import { type Facts, ruleLabel, type Shortfall, undecided } from "./shortfall.ts";
import { attestingVouchers, unavailableAttestations } from "./unmet-attestation.ts";

/** The same signers as of earlier releases, as the pins have them. */
export function unmetContinuity(
  { demand, pins }: Extract<Condition, { kind: "continuous" }>,
  facts: Facts,
): Shortfall[] {
  if (pins === undefined) return [undecided(facts, `the pins "${demand.pins}" were not read`)];
  const continuity = compareWithPins(pins.get(facts.subject.name), facts.subject, signersOf(facts));
  const unmet = judge(continuity, demand, facts);
  // What could not be had may be what is missing; and what is new is not pinned before all of it is known.
  const open = continuity.state === "full-provenance" ? [] : unavailableAttestations(facts);
  return open.length > 0 ? open : unmet;
}

function judge({ state, reference }: Continuity, demand: PolicyRule["continuity"] & object, facts: Facts): Shortfall[] {
  const about = facts.subject.filename;
  const before = reference && `release ${reference.version} is by ${reference.signers.join(", ") || "several signers"}`;
  switch (state) {
    case "new":
      if (demand.onNew === "record") return [];
      return [
        {
          effect: demand.onNew,
          id: "provenance-new",
          text: `${ruleLabel(facts)} compares with pins, and of "${facts.subject.name}" nothing is pinned`,
          about,
        },
      ];
    case "no-provenance":
    case "full-provenance":
      return [];
    case "lost-provenance":
    case "partial-provenance":
      return [
        {
          effect: demand.onLoss,
          id: "provenance-lost",
          text: `${state}: ${before}, this file has no attestation`,
          about,
        },
      ];
    case "changed-provenance":
    case "inconsistent-provenance": {
      const text = `${state}: ${before}, this file is by ${signersOf(facts).join(", ")}`;
      return [{ effect: demand.onChange, id: "provenance-changed", text, about }];
    }
  }
}

/** What a pins file has of whoever attested: the identity, at whatever ref and in whatever run. */
function signersOf(facts: Pick<Facts, "evidence">): readonly string[] {
  return [...new Set(attestingVouchers(facts).map((voucher) => principalOf(voucher, "identity")))].sort();
}

type PinnedSubject = Pick<PolicySubject, "name" | "version" | "filename">;

/**
 * What to pin of an admitted file: nothing when the rule does not ask for it, or when what is pinned says otherwise,
 * which only a person takes back.
 */
export function pinFor(
  rule: PolicyRule,
  { pins }: Policy,
  subject: PinnedSubject,
  evidence: readonly Evidence[],
): Pin | undefined {
  const { continuity: demand, mode } = rule;
  if (demand === undefined || mode === "off") return undefined;
  const pin = observedPin(subject, evidence);
  if (pin === undefined) return undefined;
  const { state } = compareWithPins(pins?.get(demand.pins)?.get(subject.name), subject, pin.signers);
  const isAsBefore = state === "no-provenance" || state === "full-provenance";
  return isAsBefore || (state === "new" && demand.onNew === "record") ? pin : undefined;
}

/** Who attested a file, to be pinned; nothing when not all was seen, as what was not would be pinned as nobody. */
export function observedPin(
  { name, version, filename }: PinnedSubject,
  evidence: readonly Evidence[],
): Pin | undefined {
  const seen = evidence.filter(({ kind }) => kind === "attestation");
  const isWhole = seen.length > 0 && seen.every(({ outcome }) => outcome === "verified" || outcome === "absent");
  return isWhole ? { project: name, version: version.text, filename, signers: signersOf({ evidence }) } : undefined;
}
