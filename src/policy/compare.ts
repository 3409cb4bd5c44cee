import { compareRules } from "./compare-rules.ts";
import type { Pins } from "./pins.ts";
import type { DeniedArtifacts, Policy, PolicyException, RuleMatch } from "./policy.ts";
import type { Change } from "./policy-change.ts";
import { lastDay } from "./shortfall.ts";

/** What is different in meaning: names, order of keys and spelling are not. */
export function comparePolicies(older: Policy, newer: Policy): Change[] {
  return [
    ...compareExpiry(older, newer),
    ...compareTrust(older, newer),
    ...compareFloors(older, newer),
    ...compareRules("[default]", older.default, newer.default),
    ...compareRuleLists(older, newer),
    ...compareExceptions(older, newer),
  ];
}

function compareExpiry({ expires: older }: Policy, { expires: newer }: Policy): Change[] {
  if (older?.getTime() === newer?.getTime()) return [];
  const words = (end: Date | undefined) => (end === undefined ? "never" : lastDay(end));
  const isLonger = (newer?.getTime() ?? Number.POSITIVE_INFINITY) > (older?.getTime() ?? Number.POSITIVE_INFINITY);
  return [{ effect: isLonger ? "weaker" : "stricter", place: "expires", text: `${words(older)} → ${words(newer)}` }];
}

function compareTrust({ trust: older }: Policy, { trust: newer }: Policy): Change[] {
  return (["sigstore", "keyring", "tls", "attestations", "summaries"] as const).flatMap((key): Change[] => {
    const [before, after] = [JSON.stringify(older[key] ?? null), JSON.stringify(newer[key] ?? null)];
    return before === after ? [] : [{ effect: "changed", place: `[trust] ${key}`, text: `${before} → ${after}` }];
  });
}

function compareFloors({ floor: older }: Policy, { floor: newer }: Policy): Change[] {
  const lists = compareSets(older.deny.map(denialWords), newer.deny.map(denialWords));
  return [
    ...lists.removed.map((text): Change => ({ effect: "weaker", place: "[floor] deny", text: `- ${text}` })),
    ...lists.added.map((text): Change => ({ effect: "stricter", place: "[floor] deny", text: `+ ${text}` })),
    ...compareRules("[floor]", { status: older.status }, { status: newer.status }),
  ];
}

function denialWords(denied: DeniedArtifacts): string {
  switch (denied.kind) {
    case "digest":
      return `sha256 ${denied.sha256}`;
    case "release":
      return `${denied.name}${denied.version?.text ?? ""}`;
    case "signer": {
      const releases = denied.releases && ` of ${denied.releases.name}${denied.releases.version?.text ?? ""}`;
      const from = denied.from && ` from ${denied.from.toISOString()}`;
      const until = denied.until && ` until ${denied.until.toISOString()}`;
      return [`signer "${denied.signer.name}"`, releases, from, until].filter(Boolean).join("");
    }
  }
}

/** Rules are the same rule when they have the same match. A new one is compared with the `[default]` it takes over from. */
function compareRuleLists(older: Policy, newer: Policy): Change[] {
  const before = new Map(older.rules.map((rule) => [matchWords(rule.match), rule]));
  const after = new Map(newer.rules.map((rule) => [matchWords(rule.match), rule]));
  const both = [...before.keys()].filter((match) => after.has(match));
  const reordered = both.join("\n") !== [...after.keys()].filter((match) => before.has(match)).join("\n");
  const compared = [...new Set([...before.keys(), ...after.keys()])].flatMap((match) => {
    const place = `[[rule]] ${match}`;
    const changes = compareRules(place, before.get(match) ?? older.default, after.get(match) ?? newer.default);
    const fate = before.has(match) ? (after.has(match) ? undefined : "removed") : "new";
    return fate === undefined ? changes : [{ effect: "changed", place, text: fate } as const, ...changes];
  });
  return [
    ...(reordered
      ? [{ effect: "changed", place: "[[rule]]", text: "another order: the first that matches applies" } as const]
      : []),
    ...compared,
  ];
}

function matchWords({ name, version, index, kind, relation }: RuleMatch): string {
  return Object.entries({ name, version: version?.text, index, kind, relation })
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key} = "${value}"`]))
    .join(", ");
}

function compareExceptions(older: Policy, newer: Policy): Change[] {
  const words = ({ id, match, waive, expires }: PolicyException) =>
    `"${id}" waives ${waive.toSorted().join(", ")} for ${matchWords(match)} until ${lastDay(expires)}`;
  const { removed, added } = compareSets(older.exceptions.map(words), newer.exceptions.map(words));
  return [
    ...removed.map((text): Change => ({ effect: "stricter", place: "[[exception]]", text: `- ${text}` })),
    ...added.map((text): Change => ({ effect: "weaker", place: "[[exception]]", text: `+ ${text}` })),
  ];
}

/** Which signers of which releases are pinned: another signer is what somebody has to look at. */
export function comparePins(older: Pins, newer: Pins): Change[] {
  const projects = [...new Set([...older.keys(), ...newer.keys()])].sort();
  return projects.flatMap((project): Change[] => {
    const [before, after] = [signersOf(older, project), signersOf(newer, project)];
    const fate = before.size === 0 ? "new" : after.size === 0 ? "removed" : undefined;
    if (fate !== undefined)
      return [
        {
          effect: fate === "new" ? "changed" : "weaker",
          place: project,
          text: `${fate}, by ${namesOf(fate === "new" ? after : before)}`,
        },
      ];
    const { removed, added } = compareSets([...before], [...after]);
    return [
      ...removed.map((text): Change => ({ effect: "stricter", place: project, text: `- ${text}` })),
      ...added.map((text): Change => ({ effect: "weaker", place: project, text: `+ ${text}` })),
    ];
  });
}

/** The signers of a project, and that somebody is missing where a file is not attested. */
function signersOf(pins: Pins, project: string): ReadonlySet<string> {
  const files = [...pins].flatMap(([name, releases]) => (name === project ? [...releases.values()] : []));
  const lists = files.flatMap((release) => [...release.values()]);
  return new Set(lists.flatMap((signers) => (signers.length === 0 ? ["nobody"] : signers)).sort());
}

function namesOf(signers: ReadonlySet<string>): string {
  return [...signers].join(", ");
}

function compareSets(older: readonly string[], newer: readonly string[]) {
  const [before, after] = [new Set(older), new Set(newer)];
  return { removed: [...before.difference(after)], added: [...after.difference(before)] };
}
