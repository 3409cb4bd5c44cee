import { compareText } from "../encoding/compare-text.ts";
import { isTable, isText, listOf, type Table } from "../encoding/table.ts";
import type { Analysis, Vulnerability } from "./cyclonedx.ts";
import type { Entry } from "./inventory.ts";
import { clipped } from "./text.ts";
import { publicUrl } from "./url.ts";

/** What a VEX document says of one vulnerability, with the purls of the products it is about. */
export interface VexStatement {
  readonly vulnerability: Omit<Vulnerability, "affects">;
  readonly purls: readonly string[];
}

/**
 * Reads a VEX document: CycloneDX (`vulnerabilities`), or OpenVEX 0.2 (`statements`). Members that are not understood are
 * left out.
 * @throws RangeError saying what is wrong with it
 */
export function parseVex(text: string): VexStatement[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new RangeError("it is no JSON");
  }
  if (!isTable(document)) throw new RangeError("it is no object");
  if (document.bomFormat === "CycloneDX") return cycloneDx(document);
  if (isText(document["@context"]) && document["@context"].startsWith("https://openvex.dev/ns"))
    return openVex(document);
  throw new RangeError("it is neither CycloneDX nor OpenVEX");
}

function cycloneDx({ vulnerabilities, components }: Table): VexStatement[] {
  const purls = new Map(
    listOf(components).flatMap((component) =>
      isTable(component) && isText(component["bom-ref"]) && isText(component.purl)
        ? [[component["bom-ref"], component.purl]]
        : [],
    ),
  );
  return listOf(vulnerabilities).flatMap((value) => {
    if (!isTable(value) || !isText(value.id)) return [];
    const refs = listOf(value.affects).flatMap((affected) =>
      isTable(affected) && isText(affected.ref) ? [affected.ref] : [],
    );
    // A BOM-Link names the component behind the `#`.
    const products = refs.map((ref) => (ref.startsWith("urn:cdx:") ? decoded(ref.replace(/^[^#]*#/, "")) : ref));
    return [{ vulnerability: vulnerability(value, value.id), purls: products.map((ref) => purls.get(ref) ?? ref) }];
  });
}

function vulnerability(value: Table, id: string): VexStatement["vulnerability"] {
  const { source, analysis } = value;
  const advisories = listOf(value.advisories).flatMap((advisory) => {
    const url = isTable(advisory) && isText(advisory.url) ? publicUrl(advisory.url, ["https:", "http:"]) : undefined;
    if (!isTable(advisory) || url === undefined) return [];
    return [{ ...texts(advisory, "title"), url }];
  });
  return {
    id: clipped(id),
    ...(isTable(source) && { source: { ...texts(source, "name", "url") } }),
    ...texts(value, "description", "detail", "recommendation"),
    ...(advisories.length > 0 && { advisories }),
    ...times(value, "created", "published", "updated"),
    ...(isTable(analysis) && { analysis: analysisOf(analysis) }),
  };
}

const states = ["resolved", "resolved_with_pedigree", "exploitable", "in_triage", "false_positive", "not_affected"];
const justifications = [
  "code_not_present",
  "code_not_reachable",
  "requires_configuration",
  "requires_dependency",
  "requires_environment",
  "protected_by_compiler",
  "protected_at_runtime",
  "protected_at_perimeter",
  "protected_by_mitigating_control",
];
const responses = ["can_not_fix", "will_not_fix", "update", "rollback", "workaround_available"];

function analysisOf(value: Table): Analysis {
  const { state, justification } = value;
  const response = [...new Set(listOf(value.response).filter(isText))].filter((text) => responses.includes(text));
  return {
    ...(isText(state) && states.includes(state) && { state }),
    ...(isText(justification) && justifications.includes(justification) && { justification }),
    ...(response.length > 0 && { response }),
    ...texts(value, "detail"),
    ...times(value, "firstIssued", "lastUpdated"),
  };
}

/** OpenVEX in the terms of CycloneDX. */
const openStates: ReadonlyMap<string, string> = new Map([
  ["not_affected", "not_affected"],
  ["affected", "exploitable"],
  ["fixed", "resolved"],
  ["under_investigation", "in_triage"],
]);
const openJustifications: ReadonlyMap<string, string> = new Map([
  ["component_not_present", "code_not_present"],
  ["vulnerable_code_not_present", "code_not_present"],
  ["vulnerable_code_not_in_execute_path", "code_not_reachable"],
  ["vulnerable_code_cannot_be_controlled_by_adversary", "code_not_reachable"],
  ["inline_mitigations_already_exist", "protected_by_mitigating_control"],
]);

function openVex({ statements }: Table): VexStatement[] {
  return listOf(statements).flatMap((value) => {
    if (!isTable(value)) return [];
    const { vulnerability: named, status, justification, impact_statement: impact, action_statement: action } = value;
    const id = isTable(named) ? named.name : named;
    const state = isText(status) ? openStates.get(status) : undefined;
    if (!isText(id) || state === undefined) return [];
    const reason = isText(justification) ? openJustifications.get(justification) : undefined;
    const analysis = {
      state,
      ...(reason !== undefined && { justification: reason }),
      ...(isText(impact) && { detail: clipped(impact) }),
    };
    const purls = listOf(value.products).flatMap(productPurls);
    return [
      {
        vulnerability: { id: clipped(id), ...(isText(action) && { recommendation: clipped(action) }), analysis },
        purls,
      },
    ];
  });
}

function productPurls(product: unknown): string[] {
  if (!isTable(product)) return isText(product) ? [product] : [];
  const identifiers = isTable(product.identifiers) ? product.identifiers : {};
  return [product["@id"], identifiers.purl].filter(isText);
}

/** The statements about components of the document, in an order of their own. */
export function vulnerabilitiesOf(statements: readonly VexStatement[], entries: readonly Entry[]): Vulnerability[] {
  const refs = Map.groupBy(entries, ({ purl }) => plainPurl(purl));
  const found = statements.flatMap(({ vulnerability: known, purls }) => {
    const affected = purls.flatMap((purl) => refs.get(plainPurl(purl)) ?? []).map(({ ref }) => ref);
    const affects = [...new Set(affected)].sort(compareText).map((ref) => ({ ref }));
    return affects.length === 0 ? [] : [{ ...known, affects }];
  });
  return found.sort((a, b) => compareText(a.id, b.id));
}

/** Without qualifiers: which of a release's files it is matters little here. */
function plainPurl(purl: string): string {
  return decoded(purl.replace(/[?#].*$/s, "")).toLowerCase();
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function texts<Name extends string>(value: Table, ...names: Name[]): Partial<Record<Name, string>> {
  const known = names.flatMap((name) => {
    const text = value[name];
    return isText(text) ? [[name, clipped(text)]] : [];
  });
  return Object.fromEntries(known) as Partial<Record<Name, string>>;
}

/** RFC 3339; what is no time is left out, since a document with one that is none is refused as a whole. */
function times<Name extends string>(value: Table, ...names: Name[]): Partial<Record<Name, string>> {
  const known = Object.entries(texts(value, ...names)).filter(([, text]) => !Number.isNaN(Date.parse(text as string)));
  return Object.fromEntries(known.map(([name, text]) => [name, new Date(text as string).toISOString()])) as Partial<
    Record<Name, string>
  >;
}
