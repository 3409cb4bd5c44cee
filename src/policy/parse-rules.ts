import { attestationDemand } from "./condition.ts";
import { didYouMean } from "./did-you-mean.ts";
import { parseQuorum } from "./parse-groups.ts";
import { parseMatch, parseSources } from "./parse-match.ts";
import type { Named } from "./parse-signers.ts";
import { parseStatus } from "./parse-status.ts";
import {
  artifactKinds,
  attestationDemands,
  type BuildCondition,
  type ContinuityDemand,
  changeDemands,
  hashDemands,
  type Mode,
  missingTimes,
  modes,
  newDemands,
  type PolicyRule,
  type RuleMatch,
  type SignerCondition,
  type SummaryCondition,
  sdistDemands,
} from "./policy.ts";
import type { TableReader } from "./table-reader.ts";

/** What the conditions of a rule can name. */
export interface NamedConditions {
  readonly signers: Named;
  readonly groups: Named;
}

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

/** `{ signer = "NAME" }` or `{ group = "NAME" }`. */
function parseSignedBy(
  table: TableReader,
  key: "publish" | "signatures",
  named: NamedConditions,
): SignerCondition | undefined {
  const inner = table.table(key);
  if (inner === undefined) return undefined;
  const condition = parseSigners(inner, key, named);
  inner.finish();
  return condition;
}

/** The same, and what the provenance must say of the build. */
function parseSlsa(table: TableReader, named: NamedConditions): BuildCondition | undefined {
  const inner = table.table("slsa");
  if (inner === undefined) return undefined;
  const builder = inner.texts("builder");
  const buildType = inner.texts("build-type");
  const glob = buildType?.find((text) => text.includes("*"));
  if (glob !== undefined) inner.wrong("build-type", `"*" is not allowed in "build-type": "${glob}"`);
  const parameters = inner.values("parameters");
  const condition = parseSigners(inner, "slsa", named);
  inner.finish();
  if (condition === undefined) return undefined;
  return {
    ...condition,
    ...(builder && { builder }),
    ...(buildType && { buildType }),
    ...(parameters && { parameters }),
  };
}

function parseSigners(
  inner: TableReader,
  key: "publish" | "slsa" | "signatures" | "summary",
  { signers, groups }: NamedConditions,
): SignerCondition | undefined {
  const signer = inner.text("signer");
  const group = inner.text("group");
  if (inner.has("signer") === inner.has("group"))
    return inner.wrongHere(`"${key}" names either a "signer" or a "group"`);
  const kind = signer === undefined ? "group" : "signer";
  const name = signer ?? group;
  if (name === undefined) return undefined;
  const condition =
    kind === "signer" ? resolve(inner, kind, name, signers, groups) : resolve(inner, kind, name, groups, signers);
  return condition && checkMeans(inner, key, kind, condition);
}

/** Attestations are signed by certificates and wheels by keys: a signer of the other kind could never have signed. */
function checkMeans(
  table: TableReader,
  key: "publish" | "slsa" | "signatures" | "summary",
  named: "signer" | "group",
  condition: SignerCondition,
): SignerCondition | undefined {
  if (key === "summary") return checkWritten(table, named, condition);
  const wanted = key === "signatures" ? "key" : "publisher";
  const other = condition.members.find(({ kind }) => kind !== wanted);
  if (other === undefined) return condition;
  const message =
    wanted === "publisher"
      ? `signer "${other.name}" is a key, and attestations are signed by certificates; write "signatures" or "vouch"`
      : `signer "${other.name}" is no key, and wheels are signed by keys; write "publish", "slsa" or "vouch"`;
  return table.wrong(named, message);
}

/** A keyring says which keys wheels are signed with. */
function checkWritten(
  table: TableReader,
  named: "signer" | "group",
  condition: SignerCondition,
): SignerCondition | undefined {
  const other = condition.members.find((member) => member.kind === "key" && member.key.kind === "keyring");
  if (other === undefined) return condition;
  return table.wrong(
    named,
    `signer "${other.name}" is a key of the keyring; a summary's key is written out in the policy`,
  );
}

/** `{ any = ["NAME", …], threshold = N }`, across attestations and wheel signatures. */
function parseVouch(table: TableReader, { signers }: NamedConditions): SignerCondition | undefined {
  const inner = table.table("vouch");
  if (inner === undefined) return undefined;
  const vouch = parseQuorum(inner, "any", { name: '"vouch"', signers });
  inner.finish();
  return vouch;
}

/** `{ signer = "NAME", verifier = URI }`, or a group; with `max-age`. */
function parseSummary(table: TableReader, named: NamedConditions): SummaryCondition | undefined {
  const inner = table.table("summary");
  if (inner === undefined) return undefined;
  const verifier = inner.text("verifier");
  if (!inner.has("verifier")) inner.missing("verifier", "it is the URI by which whoever verifies names itself");
  if (verifier !== undefined && (!URL.canParse(verifier) || /\s/.test(verifier)))
    inner.wrong("verifier", `"${verifier}" is no URI, such as "https://ci.example.org/tspip"`);
  const maxAge = inner.duration("max-age");
  const condition = parseSigners(inner, "summary", named);
  inner.finish();
  if (condition === undefined || verifier === undefined) return undefined;
  return { ...condition, verifier, ...(maxAge !== undefined && { maxAge }) };
}

/** `{ pins = PATH, on-new = "record", on-change = "deny", on-loss = "deny" }`. */
function parseContinuity(table: TableReader): ContinuityDemand | undefined {
  const inner = table.table("continuity");
  if (inner === undefined) return undefined;
  const pins = inner.text("pins");
  if (!inner.has("pins")) inner.missing("pins", 'it is the path of the pins file, such as "tspip.pins.json"');
  const onNew = inner.choice("on-new", newDemands) ?? "record";
  const onChange = inner.choice("on-change", changeDemands) ?? "deny";
  const onLoss = inner.choice("on-loss", changeDemands) ?? "deny";
  inner.finish();
  return pins === undefined ? undefined : { pins, onNew, onChange, onLoss };
}

/** A name whose own definition is mistaken resolves to nothing: that mistake is told where it was made. */
function resolve(
  table: TableReader,
  kind: "signer" | "group",
  name: string,
  defined: Named,
  others: Named,
): SignerCondition | undefined {
  if (defined.has(name)) return defined.get(name);
  const other = kind === "signer" ? "group" : "signer";
  const meant = others.has(name) ? `; did you mean { ${other} = "${name}" }?` : didYouMean(name, defined.keys());
  return table.wrong(kind, `there is no [${kind}s.${name}]${meant}`);
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
