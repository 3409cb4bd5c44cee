import { kebabCase } from "../encoding/kebab-case.ts";
import {
  type BuildCondition,
  type ContinuityDemand,
  type PolicyRule,
  type SignerCondition,
  sdistDemands,
  statusDemands,
  statusWords,
} from "./policy.ts";
import type { Change } from "./policy-change.ts";
import { signerMeaning } from "./principal.ts";
import { dayOf } from "./shortfall.ts";

/** The values of keys that have an order, the strictest first. */
const strictness = {
  mode: ["enforce", "warn", "off"],
  attestation: ["require", "no-downgrade", "if-present", "ignore"],
  hashes: ["require", "index", "any"],
  sdist: sdistDemands,
  missingTime: ["deny", "log", "ignore"],
} as const satisfies Partial<Record<keyof PolicyRule, readonly string[]>>;

/** What two rules ask that is different. `place` says which rule it is. */
export function compareRules(place: string, older: Partial<PolicyRule>, newer: Partial<PolicyRule>): Change[] {
  const ranked = Object.entries(strictness).flatMap(([key, order]) => {
    const name = key as keyof typeof strictness;
    return compareRanked(`${place} ${kebabCase(key)}`, older[name], newer[name], order);
  });
  return [
    ...ranked,
    ...statusWords.flatMap((word) =>
      compareRanked(`${place} status.${word}`, older.status?.[word], newer.status?.[word], statusDemands),
    ),
    ...compareBuilds(`${place} slsa`, older.slsa, newer.slsa),
    ...compareChoices(`${place} sources`, older.sources, newer.sources, "anywhere"),
    ...compareAmounts(`${place} min-age`, older.minAge, newer.minAge),
    ...compareDays(`${place} enforce-after`, older.enforceAfter, newer.enforceAfter),
    ...(["publish", "slsa", "signatures", "vouch"] as const).flatMap((key) =>
      compareSigners(`${place} ${key}`, older[key], newer[key]),
    ),
    ...compareSummary(`${place} summary`, older.summary, newer.summary),
    ...compareContinuity(`${place} continuity`, older.continuity, newer.continuity),
  ];
}

function compareRanked(
  place: string,
  older: string | undefined,
  newer: string | undefined,
  order: readonly string[],
): Change[] {
  if (older === newer || older === undefined || newer === undefined) return [];
  const isWeaker = order.indexOf(newer) > order.indexOf(older);
  return [{ effect: isWeaker ? "weaker" : "stricter", place, text: `"${older}" → "${newer}"` }];
}

function compareAmounts(place: string, older: PolicyRule["minAge"], newer: PolicyRule["minAge"]): Change[] {
  const [before, after] = [older?.milliseconds ?? 0, newer?.milliseconds ?? 0];
  if (before === after) return [];
  const text = `${older?.text ?? "none"} → ${newer?.text ?? "none"}`;
  return [{ effect: after < before ? "weaker" : "stricter", place, text }];
}

/** A day from which on a warning is a refusal: none is the latest. */
function compareDays(place: string, older: Date | undefined, newer: Date | undefined): Change[] {
  const before = older?.getTime() ?? Number.POSITIVE_INFINITY;
  const after = newer?.getTime() ?? Number.POSITIVE_INFINITY;
  if (before === after) return [];
  const text = [older, newer].map((day) => (day === undefined ? "none" : dayOf(day))).join(" → ");
  return [{ effect: after > before ? "weaker" : "stricter", place, text }];
}

/** Builders and build types are lists of which one fits; each parameter is asked for. */
function compareBuilds(place: string, older: PolicyRule["slsa"], newer: PolicyRule["slsa"]): Change[] {
  if (older === undefined || newer === undefined) return [];
  const parameters = (build: BuildCondition) =>
    new Set(Object.entries(build.parameters ?? {}).map(([path, value]) => `${path} = ${JSON.stringify(value)}`));
  const [before, after] = [parameters(older), parameters(newer)];
  const change = (effect: Change["effect"], text: string): Change => ({ effect, place: `${place}.parameters`, text });
  return [
    ...compareChoices(`${place}.builder`, older.builder, newer.builder, "any"),
    ...compareChoices(`${place}.build-type`, older.buildType, newer.buildType, "any"),
    ...[...before.difference(after)].map((text) => change("weaker", `- ${text}`)),
    ...[...after.difference(before)].map((text) => change("stricter", `+ ${text}`)),
  ];
}

/** Lists of which one will do. @param all what it means that there is no list */
function compareChoices(
  place: string,
  older: readonly string[] | undefined,
  newer: readonly string[] | undefined,
  all: string,
): Change[] {
  if (older === undefined || newer === undefined) {
    if (older === newer) return [];
    const text = [older, newer].map((choices) => choices?.join(", ") ?? all).join(" → ");
    return [{ effect: newer === undefined ? "weaker" : "stricter", place, text }];
  }
  const [before, after] = [new Set(older), new Set(newer)];
  return [
    ...[...before.difference(after)].map((source): Change => ({ effect: "stricter", place, text: `- ${source}` })),
    ...[...after.difference(before)].map((source): Change => ({ effect: "weaker", place, text: `+ ${source}` })),
  ];
}

function compareSigners(
  place: string,
  older: SignerCondition | undefined,
  newer: SignerCondition | undefined,
): Change[] {
  if (older === undefined && newer === undefined) return [];
  if (older === undefined || newer === undefined) {
    const effect = newer === undefined ? "weaker" : "stricter";
    return [{ effect, place, text: `${older?.name ?? "not asked for"} → ${newer?.name ?? "not asked for"}` }];
  }
  const change = (effect: Change["effect"], text: string): Change => ({ effect, place, text });
  const [before, after] = [membersOf(older), membersOf(newer)];
  const removed = [...before.keys()].filter((meaning) => !after.has(meaning));
  const added = [...after.keys()].filter((meaning) => !before.has(meaning));
  return [
    // Who can no longer sign makes it stricter, unless somebody else can instead.
    ...removed.map((meaning) => change(added.length > 0 ? "changed" : "stricter", `- "${before.get(meaning)}"`)),
    ...added.map((meaning) => change("weaker", `+ "${after.get(meaning)}"`)),
    ...(older.threshold === newer.threshold
      ? []
      : [
          change(
            newer.threshold < older.threshold ? "weaker" : "stricter",
            `threshold ${older.threshold} → ${newer.threshold}`,
          ),
        ]),
    ...(older.distinctBy === newer.distinctBy
      ? []
      : [change("changed", `distinct-by "${older.distinctBy}" → "${newer.distinctBy}"`)]),
  ];
}

/** By what a signer means: a name is only a name. */
function membersOf({ members }: SignerCondition): ReadonlyMap<string, string> {
  return new Map(members.map((member) => [signerMeaning(member), member.name]));
}

function compareSummary(place: string, older: PolicyRule["summary"], newer: PolicyRule["summary"]): Change[] {
  const signers = compareSigners(place, older, newer);
  if (older === undefined || newer === undefined) return signers;
  const text = `"${older.verifier}" → "${newer.verifier}"`;
  return [
    ...signers,
    ...(older.verifier === newer.verifier ? [] : [{ effect: "changed", place: `${place}.verifier`, text } as const]),
    ...compareLimits(`${place}.max-age`, older.maxAge, newer.maxAge),
  ];
}

/** How old something may be: none is the longest. */
function compareLimits(place: string, older: PolicyRule["minAge"], newer: PolicyRule["minAge"]): Change[] {
  const before = older?.milliseconds ?? Number.POSITIVE_INFINITY;
  const after = newer?.milliseconds ?? Number.POSITIVE_INFINITY;
  if (before === after) return [];
  const text = `${older?.text ?? "none"} → ${newer?.text ?? "none"}`;
  return [{ effect: after > before ? "weaker" : "stricter", place, text }];
}

function compareContinuity(
  place: string,
  older: ContinuityDemand | undefined,
  newer: ContinuityDemand | undefined,
): Change[] {
  if (older === undefined || newer === undefined) {
    if (older === newer) return [];
    const effect = newer === undefined ? "weaker" : "stricter";
    return [{ effect, place, text: newer === undefined ? "not compared any more" : `compared with "${newer.pins}"` }];
  }
  const file: Change[] =
    older.pins === newer.pins ? [] : [{ effect: "changed", place, text: `pins "${older.pins}" → "${newer.pins}"` }];
  return [
    ...file,
    ...compareRanked(`${place} on-new`, older.onNew, newer.onNew, ["deny", "warn", "record"]),
    ...compareRanked(`${place} on-change`, older.onChange, newer.onChange, ["deny", "warn"]),
    ...compareRanked(`${place} on-loss`, older.onLoss, newer.onLoss, ["deny", "warn"]),
  ];
}
