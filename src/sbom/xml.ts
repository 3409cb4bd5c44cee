import type { SpecVersion } from "./serialize.ts";

/** JSON as the document has it. */
type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json | undefined };

/** How a member of a JSON object is written. */
type Form =
  | { readonly kind: "attribute"; readonly name: string }
  | { readonly kind: "content" }
  | { readonly kind: "element"; readonly name: string; readonly shape: Shape }
  /** An element for each item, inside one around them all, or one after the other. */
  | { readonly kind: "items"; readonly around?: string; readonly name: string; readonly shape: Shape };

/** The members of an object in the order of the XML schema; text when there are none. */
type Shape = "text" | (() => readonly (readonly [member: string, form: Form])[]);

const attribute = (name: string): Form => ({ kind: "attribute", name });
const content: Form = { kind: "content" };
const element = (name: string, shape: Shape = "text"): Form => ({ kind: "element", name, shape });
const items = (around: string, name: string, shape: Shape = "text"): Form => ({ kind: "items", around, name, shape });
const repeated = (name: string, shape: Shape = "text"): Form => ({ kind: "items", name, shape });

const ref = ["bom-ref", attribute("bom-ref")] as const;
const texts = (...names: string[]) => names.map((name) => [name, element(name)] as const);

const property: Shape = () => [
  ["name", attribute("name")],
  ["value", content],
];
const properties = ["properties", items("properties", "property", property)] as const;
const hash: Shape = () => [
  ["alg", attribute("alg")],
  ["content", content],
];
const hashes = ["hashes", items("hashes", "hash", hash)] as const;
const contact: Shape = () => [ref, ...texts("name", "email", "phone")];
const attachment: Shape = () => [
  ["contentType", attribute("content-type")],
  ["encoding", attribute("encoding")],
  ["content", content],
];
const license: Shape = () => [
  ref,
  ["acknowledgement", attribute("acknowledgement")],
  ...texts("id", "name"),
  ["text", element("text", attachment)],
  ...texts("url"),
];
const externalReference: Shape = () => [["type", attribute("type")], ...texts("url", "comment"), hashes];
const externalReferences = ["externalReferences", items("externalReferences", "reference", externalReference)] as const;
const identity: Shape = () => [
  ...texts("field", "confidence", "concludedValue"),
  ["methods", items("methods", "method", () => texts("technique", "confidence", "value"))],
  ["tools", items("tools", "tool", () => [["ref", attribute("ref")]])],
];
const evidence: Shape = () => [
  ["identity", repeated("identity", identity)],
  ["occurrences", items("occurrences", "occurrence", () => texts("location"))],
  ["licenses", items("licenses", "license", license)],
];
const component: Shape = () => [
  ["type", attribute("type")],
  ["mime-type", attribute("mime-type")],
  ref,
  ["authors", items("authors", "author", contact)],
  ...texts("group", "name", "version", "description", "scope"),
  hashes,
  ["licenses", items("licenses", "license", license)],
  ...texts("purl"),
  externalReferences,
  properties,
  ["components", items("components", "component", component)],
  ["evidence", element("evidence", evidence)],
];
const metadata: Shape = () => [
  ...texts("timestamp"),
  ["lifecycles", items("lifecycles", "lifecycle", () => texts("phase"))],
  ["tools", element("tools", () => [["components", items("components", "component", component)]])],
  ["component", element("component", component)],
  properties,
];
const score: Shape = () => texts("score", "rationale");
const requirementMap: Shape = () => [
  ...texts("requirement"),
  ["claims", items("claims", "claim")],
  ["conformance", element("conformance", score)],
];
const declarations: Shape = () => [
  [
    "assessors",
    items("assessors", "assessor", () => [
      ref,
      ...texts("thirdParty"),
      ["organization", element("organization", () => texts("name"))],
    ]),
  ],
  [
    "attestations",
    items("attestations", "attestation", () => [
      ...texts("summary", "assessor"),
      ["map", repeated("map", requirementMap)],
    ]),
  ],
  [
    "claims",
    items("claims", "claim", () => [
      ref,
      ...texts("target", "predicate", "reasoning"),
      ["evidence", repeated("evidence")],
    ]),
  ],
  ["evidence", items("evidence", "evidence", declaredEvidence)],
];
const declaredEvidence: Shape = () => [
  ref,
  ...texts("propertyName", "description"),
  [
    "data",
    repeated("data", () => [
      ...texts("name"),
      ["contents", element("contents", () => [["attachment", element("attachment", attachment)]])],
    ]),
  ],
  ...texts("created"),
];
const standard: Shape = () => [
  ref,
  ...texts("name", "version", "description", "owner"),
  ["requirements", items("requirements", "requirement", () => [ref, ...texts("identifier", "title")])],
];
const source: Shape = () => texts("name", "url");
const vulnerability: Shape = () => [
  ref,
  ...texts("id"),
  ["source", element("source", source)],
  ...texts("description", "detail", "recommendation"),
  ["advisories", items("advisories", "advisory", () => texts("title", "url"))],
  ...texts("created", "published", "updated"),
  [
    "analysis",
    element("analysis", () => [
      ...texts("state", "justification"),
      ["response", items("responses", "response")],
      ...texts("detail", "firstIssued", "lastUpdated"),
    ]),
  ],
  ["affects", items("affects", "target", () => texts("ref"))],
  properties,
];
const bom: Shape = () => [
  ["serialNumber", attribute("serialNumber")],
  ["version", attribute("version")],
  ["metadata", element("metadata", metadata)],
  ["components", items("components", "component", component)],
  [
    "dependencies",
    items("dependencies", "dependency", () => [
      ["ref", attribute("ref")],
      ["dependsOn", repeated("dependency", () => [["ref", attribute("ref")]])],
    ]),
  ],
  [
    "compositions",
    items("compositions", "composition", () => [
      ref,
      ...texts("aggregate"),
      ["assemblies", items("assemblies", "assembly", () => [["ref", attribute("ref")]])],
      ["dependencies", items("dependencies", "dependency", () => [["ref", attribute("ref")]])],
    ]),
  ],
  ["vulnerabilities", items("vulnerabilities", "vulnerability", vulnerability)],
  ["declarations", element("declarations", declarations)],
  ["definitions", element("definitions", () => [["standards", items("standards", "standard", standard)]])],
];

/** Members that say in JSON what the namespace says in XML. */
const inNamespace: ReadonlySet<string> = new Set(["$schema", "bomFormat", "specVersion"]);

/**
 * The same document in XML (CycloneDX XML reference). cyclonedx-library writes what it has models for; this writes all that
 * tspip writes.
 * @throws RangeError for a member that has no form here: nothing is left out quietly
 */
export function toXml(document: object, specVersion: SpecVersion): string {
  const entries = Object.entries(document).filter(([member]) => !inNamespace.has(member));
  const opened = `bom xmlns="http://cyclonedx.org/schema/bom/${specVersion}"`;
  const lines = writeObject("bom", Object.fromEntries(entries) as Json, bom, "", opened);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${lines.join("\n")}\n`;
}

function writeObject(name: string, value: Json, shape: Shape, indent: string, opened = name): string[] {
  if (shape === "text" || typeof value !== "object") return writeText(opened, name, value, shape, indent);
  const object = value as Readonly<Record<string, Json | undefined>>;
  const members = shape();
  for (const member of Object.keys(object))
    if (object[member] !== undefined && !members.some(([known]) => known === member))
      throw new RangeError(`"${member}" of <${name}> has no form in XML`);
  const present = members.flatMap(([member, form]) => {
    const own = object[member];
    return own === undefined ? [] : [{ form, own }];
  });
  const attributes = present.flatMap(({ form, own }) =>
    form.kind === "attribute" ? [` ${form.name}="${escaped(String(own))}"`] : [],
  );
  const text = present.find(({ form }) => form.kind === "content");
  const start = `${indent}<${opened}${attributes.join("")}`;
  if (text !== undefined) return [`${start}>${escaped(String(text.own))}</${name}>`];
  const inside = present.flatMap(({ form, own }) => writeMember(own, form, `${indent}  `));
  return inside.length === 0 ? [`${start}/>`] : [`${start}>`, ...inside, `${indent}</${name}>`];
}

/** A plain text; or, where an object with one attribute is meant, a reference: `["a"]` becomes `<tool ref="a"/>`. */
function writeText(opened: string, name: string, value: Json, shape: Shape, indent: string): string[] {
  if (shape === "text") return [`${indent}<${opened}>${escaped(String(value))}</${name}>`];
  return [`${indent}<${opened} ref="${escaped(String(value))}"/>`];
}

function writeMember(value: Json, form: Form, indent: string): string[] {
  switch (form.kind) {
    case "attribute":
    case "content":
      return [];
    case "element":
      return writeObject(form.name, value, form.shape, indent);
    case "items": {
      const list = value as readonly Json[];
      const inner = form.around === undefined ? indent : `${indent}  `;
      const lines = list.flatMap((item) => writeItem(form.name, item, form.shape, inner));
      if (form.around === undefined) return lines;
      return list.length === 0 ? [] : [`${indent}<${form.around}>`, ...lines, `${indent}</${form.around}>`];
    }
  }
}

/** In JSON a licence is `{ license }` or `{ expression }`. */
function writeItem(name: string, item: Json, shape: Shape, indent: string): string[] {
  const { license: named, expression, ...rest } = item as Readonly<Record<string, Json | undefined>>;
  if (name !== "license") return writeObject(name, item, shape, indent);
  if (named !== undefined) return writeObject("license", named, license, indent);
  return writeObject("expression", { expression, ...rest } as Json, expressionShape, indent);
}

const expressionShape: Shape = () => [ref, ["acknowledgement", attribute("acknowledgement")], ["expression", content]];

/** Characters that XML 1.0 cannot hold in any way become replacement characters; those that show nothing, or that a CI runner would act on, are written as numbers. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replace(
      /[<>&"\n\r\t\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]|(?<=#)#(?=\[|vso\[|teamcity\[)/gu,
      (character) => `&#x${character.codePointAt(0)?.toString(16)};`,
    );
}
