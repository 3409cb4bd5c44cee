/** The forms of what tspip writes, in the order of the XML schema of CycloneDX. */

/** How a member of a JSON object is written. */
export type Form =
  | { readonly kind: "attribute"; readonly name: string }
  | { readonly kind: "content" }
  | { readonly kind: "element"; readonly name: string; readonly shape: Shape }
  /** An element for each item, inside one around them all, or one after the other. */
  | { readonly kind: "items"; readonly around?: string; readonly name: string; readonly shape: Shape };

/** The members of an object in the order of the XML schema; text when there are none. */
export type Shape = "text" | (() => readonly (readonly [member: string, form: Form])[]);

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
export const license: Shape = () => [
  ref,
  ["acknowledgement", attribute("acknowledgement")],
  ...texts("id", "name"),
  ["text", element("text", attachment)],
  ...texts("url"),
];
/** A licence that is an SPDX expression. */
export const licenseExpression: Shape = () => [
  ref,
  ["acknowledgement", attribute("acknowledgement")],
  ["expression", content],
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
/** The whole document. */
export const bom: Shape = () => [
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
