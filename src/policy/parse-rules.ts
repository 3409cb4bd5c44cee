import { attestationDemand } from "./condition.ts";
import {
  type NamedConditions,
  parseContinuity,
  parseSignedBy,
  parseSlsa,
  parseSummary,
  parseVouch,
} from "./parse-conditions.ts";
import { parseMatch, parseSources } from "./parse-match.ts";
import { parseStatus } from "./parse-status.ts";
import {
  artifactKinds,
  attestationDemands,
  hashDemands,
  type Mode,
  missingTimes,
  modes,
  type PolicyRule,
  type RuleMatch,
  sdistDemands,
} from "./policy.ts";
import type { TableReader } from "./table-reader.ts";

/** What a key means that neither a rule nor `[default]` says. */
const builtIn: PolicyRule = {
  name: "default",
  match: {},
  mode: "enforce",
  attestation: "if-present",
  hashes: "index",
  sdist: "deny",
  missingTime: "deny",
  status: { yanked: "warn", archived: "warn", deprecated: "warn" },
};

export function parseDefault(table: TableReader | undefined, named: NamedConditions): PolicyRule {
  if (table === undefined) return builtIn;
  if (table.has("match"))
    table.wrongKey("match", "[default] is for everything that no rule matches; move the match to a [[rule]]");
  return parseRule(table, builtIn, named);
}

/** Each rule, completed from `base`. `file` is the name of an included file. */
export function parseRules(
  tables: readonly TableReader[],
  base: PolicyRule,
  named: NamedConditions,
  file?: string,
): PolicyRule[] {
  const firstWith = new Map<string, string>();
  let ofEveryName: string | undefined;
  return tables.map((table, at) => {
    const name = `${file === undefined ? "" : `${file} `}rule ${at + 1}`;
    const match = parseRuleMatch(table);
    const meaning = matchMeaning(match);
    const earlier = firstWith.get(meaning);
    if (earlier !== undefined) table.wrongKey("match", `this rule never applies: ${earlier} has the same match`);
    else if (ofEveryName !== undefined && meaning !== matchMeaning({}))
      table.wrongKey("match", `this rule never applies: ${ofEveryName} matches every name`);
    if (meaning !== matchMeaning({})) firstWith.set(meaning, earlier ?? name);
    if (isOfEveryName(table, match)) ofEveryName ??= name;
    return parseRule(table, { ...base, name, match }, named);
  });
}

function parseRuleMatch(rule: TableReader): RuleMatch {
  const table = rule.table("match");
  if (!rule.has("match")) rule.missing("match", "what holds for everything stands in [default]");
  if (table === undefined) return {};
  if (table.isEmpty())
    table.wrongHere("an empty match matches everything; what holds for everything stands in [default]");
  return parseMatch(table);
}

/** As the file has it: a further key with a mistake would have narrowed it down. */
function isOfEveryName(rule: TableReader, { name = "" }: RuleMatch): boolean {
  return /^\*+$/.test(name) && rule.table("match")?.hasOnly("name") === true;
}

function matchMeaning({ name, version, index, kind, relation }: RuleMatch): string {
  return JSON.stringify([name, version?.text, index, kind, relation]);
}

function parseRule(table: TableReader, base: PolicyRule, named: NamedConditions): PolicyRule {
  const publish = parseSignedBy(table, "publish", named) ?? base.publish;
  const slsa = parseSlsa(table, named) ?? base.slsa;
  const signatures = parseSignedBy(table, "signatures", named) ?? base.signatures;
  const vouch = parseVouch(table, named) ?? base.vouch;
  const summary = parseSummary(table, named) ?? base.summary;
  const continuity = parseContinuity(table) ?? base.continuity;
  const sources = parseSources(table) ?? base.sources;
  const minAge = table.duration("min-age") ?? base.minAge;
  const mode = table.choice("mode", modes) ?? base.mode;
  const enforceAfter = parseEnforceAfter(table, mode, base);
  const rule: PolicyRule = {
    name: base.name,
    match: base.match,
    mode,
    ...(enforceAfter !== undefined && { enforceAfter }),
    attestation: table.choice("attestation", attestationDemands) ?? base.attestation,
    ...(publish !== undefined && { publish }),
    ...(slsa !== undefined && { slsa }),
    ...(signatures !== undefined && { signatures }),
    ...(vouch !== undefined && { vouch }),
    ...(summary !== undefined && { summary }),
    ...(continuity !== undefined && { continuity }),
    hashes: table.choice("hashes", hashDemands) ?? base.hashes,
    ...(sources !== undefined && { sources }),
    sdist: table.choice("sdist", sdistDemands) ?? base.sdist,
    ...(minAge !== undefined && { minAge }),
    missingTime: table.choice("missing-time", missingTimes) ?? base.missingTime,
    status: parseStatus(table, base.status),
  };
  table.finish();
  if (table.has("missing-time") && !table.has("min-age") && minAge === undefined)
    table.wrongKey("missing-time", '"missing-time" goes with "min-age"');
  checkSigners(table, rule);
  return rule;
}

/** A rule that says its mode says all of it: the day does not come from `[default]` then. */
function parseEnforceAfter(table: TableReader, mode: Mode, base: PolicyRule): Date | undefined {
  const day = table.date("enforce-after");
  if (table.has("enforce-after") && mode !== "warn")
    return table.wrongKey("enforce-after", `"enforce-after" goes with mode = "warn", the mode is "${mode}"`);
  return day ?? (table.has("mode") ? undefined : base.enforceAfter);
}

/** Refuses signers that could be got around by leaving their signatures out, or that nobody would look at. */
function checkSigners(table: TableReader, rule: PolicyRule): void {
  const demands = artifactKinds.map((kind) => attestationDemand(rule, { kind }));
  for (const key of ["publish", "slsa"] as const) {
    if (table.has(key) && demands.every((demand) => demand === "ignore")) {
      table.wrongKey(key, `"${key}" says who must sign, and attestation = "ignore" asks nobody`);
    }
    const signers = rule[key];
    const isOwn = table.has(key) || table.has("attestation");
    const lax = demands.find((demand) => demand === "if-present" || demand === "no-downgrade");
    if (isOwn && signers !== undefined && signers.threshold > 1 && lax !== undefined) {
      const message = `${signers.name} needs ${signers.threshold} signers, and attestation = "${lax}" is content with none; write attestation = "require"`;
      table.wrongKey(table.has(key) ? key : "attestation", message);
    }
  }
}
