import type { Notice } from "../verdict/finding.ts";
import type { Condition } from "./condition.ts";
import { indexAddress } from "./match.ts";
import type { HashDemand, StatusConditions } from "./policy.ts";
import { dayOf, deny, type Facts, lastDay, problemsOf, ruleLabel, type Shortfall, undecided } from "./shortfall.ts";
import { unmetAge } from "./unmet-age.ts";
import { unmetDowngrade, unmetLockedIdentities, unmetPresence, unmetSignature } from "./unmet-attestation.ts";
import { unmetContinuity } from "./unmet-continuity.ts";
import { unmetDenyList } from "./unmet-deny-list.ts";
import { unmetSummary } from "./unmet-summary.ts";
import { unmetKeySignature, unmetVouching } from "./unmet-vouching.ts";

/** What `condition` finds missing; nothing when it is met. */
export function unmet(condition: Condition, facts: Facts): Shortfall[] {
  switch (condition.kind) {
    case "not-expired":
      return unmetExpiry(condition, facts);
    case "not-denied":
      return unmetDenyList(condition.deny, facts);
    case "digests-match":
      return [...problemsOf("index-digest", facts), ...problemsOf("user-hash", facts)];
    case "archive":
    case "record":
      return unmetWheelCheck(condition.kind, facts);
    case "inspectors-agree":
      return unmetInspectors(facts);
    case "not-quarantined":
      return unmetQuarantine(facts);
    case "status":
      return unmetStatus(condition.demands, facts);
    case "from-source":
      return unmetSource(condition.sources, facts);
    case "not-sdist":
      return [deny("sdist-refused", facts, `${ruleLabel(facts)} takes wheels, this is a source distribution`)];
    case "hash":
      return unmetHash(condition.demand, facts);
    case "locked-identities":
      return unmetLockedIdentities(condition.identities, facts);
    case "old-enough":
      return unmetAge(condition, facts);
    case "attestations-valid":
      return problemsOf("attestation", facts);
    case "attested":
      return unmetPresence(condition.demand, facts);
    case "not-downgraded":
      return unmetDowngrade(condition.earlier, facts);
    case "signed":
      return unmetSignature(condition, facts);
    case "key-signed":
      return unmetKeySignature(condition.signers, facts);
    case "vouched":
      return unmetVouching(condition.signers, facts);
    case "summarized":
      return unmetSummary(condition.summary, facts);
    case "continuous":
      return unmetContinuity(condition, facts);
  }
}

function unmetExpiry(
  { expires, allowsExpired }: Extract<Condition, { kind: "not-expired" }>,
  facts: Facts,
): Shortfall[] {
  if (facts.now < expires) return [];
  const words = `the policy was good until ${lastDay(expires)}, today is ${dayOf(facts.now)}`;
  return [{ ...deny("policy-expired", facts, words), effect: allowsExpired ? "warn" : "deny" }];
}

function unmetWheelCheck(kind: "archive" | "record", facts: Facts): Shortfall[] {
  const seen = facts.evidence.filter((evidence) => evidence.kind === kind);
  const what = { archive: "the archive", record: "RECORD" }[kind];
  return [
    ...problemsOf(kind, facts),
    ...seen.flatMap((evidence) =>
      evidence.outcome === "unavailable" ? [undecided(facts, `${what} could not be checked: ${evidence.reason}`)] : [],
    ),
    ...(seen.length === 0 ? [undecided(facts, `${what} was not checked`)] : []),
    ...seen.flatMap((evidence) => ("notices" in evidence ? evidence.notices.map(toShortfall) : [])),
  ];
}

function toShortfall({ id, severity, message }: Notice): Shortfall {
  return { effect: severity === "warning" ? "warn" : "note", id, text: message };
}

function unmetInspectors(facts: Facts): Shortfall[] {
  const failed = facts.evidence.flatMap((evidence) =>
    evidence.kind === "inspector" && evidence.outcome === "unavailable"
      ? [undecided(facts, `inspector "${evidence.inspector}" failed: ${evidence.reason}`)]
      : [],
  );
  return [...problemsOf("inspector", facts), ...failed];
}

/** PEP 792: of a quarantined project nothing may be offered. */
function unmetQuarantine(facts: Facts): Shortfall[] {
  const { name, projectStatus } = facts.subject;
  if (projectStatus?.status !== "quarantined") return [];
  return [
    deny("project-quarantined", facts, `the index has quarantined "${name}"${reasonWords(projectStatus.reason)}`),
  ];
}

function unmetStatus({ yanked: demand, ...demands }: StatusConditions, facts: Facts): Shortfall[] {
  const { yanked, filename, name, projectStatus } = facts.subject;
  const shortfalls: Shortfall[] = [];
  if (yanked !== undefined && demand !== "allow")
    shortfalls.push({ effect: demand, id: "yanked", text: `"${filename}" is yanked${reasonWords(yanked)}` });
  for (const word of ["archived", "deprecated"] as const) {
    const effect = demands[word];
    if (projectStatus?.status !== word || effect === "allow") continue;
    const text = `The index marks "${name}" as ${word}${reasonWords(projectStatus.reason)}`;
    shortfalls.push({ effect, id: `project-${word}`, text });
  }
  return shortfalls;
}

function reasonWords(reason = ""): string {
  return reason === "" ? ", the index gives no reason" : `: ${reason}`;
}

/** Whoever can put a file on some index must not be taken for the one who owns the name elsewhere. */
function unmetSource(sources: readonly string[], facts: Facts): Shortfall[] {
  const { origin, index } = facts.subject;
  const place = origin === "local" ? "local" : index && indexAddress(index);
  if (place !== undefined && sources.includes(place)) return [];
  const from = { index: `from ${index}`, links: "from a page of links", url: "from a URL", local: "a local file" }[
    origin
  ];
  return [deny("source-refused", facts, `${ruleLabel(facts)} takes it from ${sources.join(" or ")}, it is ${from}`)];
}

function unmetHash(demand: HashDemand, facts: Facts): Shortfall[] {
  switch (demand) {
    case "any":
      return [];
    case "require":
      if (isVerified("user-hash", facts)) return [];
      if (!isKnown("user-hash", facts)) return [undecided(facts, "hashes pinned by the user were not checked")];
      return [deny("hash-required", facts, `${ruleLabel(facts)} asks for a hash pinned by the user, there is none`)];
    case "index":
      // What the user names by path or URL comes without an index that could promise anything.
      if (
        facts.subject.origin === "url" ||
        facts.subject.origin === "local" ||
        isVerified("index-digest", facts) ||
        isVerified("user-hash", facts) ||
        // A promise that was broken is the floor's to refuse, which says which one.
        isBroken("index-digest", facts)
      )
        return [];
      if (!isKnown("index-digest", facts)) return [undecided(facts, "hashes promised by the index were not checked")];
      return [
        deny(
          "index-hash-absent",
          facts,
          `${ruleLabel(facts)} asks for a sha256, sha384 or sha512 hash, the index promised none`,
        ),
      ];
  }
}

function isVerified(kind: "index-digest" | "user-hash", { evidence }: Facts): boolean {
  return evidence.some((seen) => seen.kind === kind && seen.outcome === "verified");
}

function isBroken(kind: "index-digest" | "user-hash", { evidence }: Facts): boolean {
  return evidence.some((seen) => seen.kind === kind && seen.outcome === "invalid");
}

function isKnown(kind: "index-digest" | "user-hash", { evidence }: Facts): boolean {
  return evidence.some((seen) => seen.kind === kind);
}
