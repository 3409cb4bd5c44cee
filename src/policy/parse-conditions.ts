import { didYouMean } from "./did-you-mean.ts";
import { parseQuorum } from "./parse-groups.ts";
import type { Named } from "./parse-signers.ts";
import {
  type BuildCondition,
  type ContinuityDemand,
  changeDemands,
  newDemands,
  type SignerCondition,
  type SummaryCondition,
} from "./policy.ts";
import type { TableReader } from "./table-reader.ts";

/** What the conditions of a rule can name. */
export interface NamedConditions {
  readonly signers: Named;
  readonly groups: Named;
}

/** `{ signer = "NAME" }` or `{ group = "NAME" }`. */
export function parseSignedBy(
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
export function parseSlsa(table: TableReader, named: NamedConditions): BuildCondition | undefined {
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

/** `{ any = ["NAME", …], threshold = N }`, across attestations and wheel signatures. */
export function parseVouch(table: TableReader, { signers }: NamedConditions): SignerCondition | undefined {
  const inner = table.table("vouch");
  if (inner === undefined) return undefined;
  const vouch = parseQuorum(inner, "any", { name: '"vouch"', signers });
  inner.finish();
  return vouch;
}

/** `{ signer = "NAME", verifier = URI }`, or a group; with `max-age`. */
export function parseSummary(table: TableReader, named: NamedConditions): SummaryCondition | undefined {
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
export function parseContinuity(table: TableReader): ContinuityDemand | undefined {
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
