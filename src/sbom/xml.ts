import type { SpecVersion } from "./cyclonedx.ts";
import { bom, type Form, license, licenseExpression, type Shape } from "./xml-shapes.ts";

/** JSON as the document has it. */
type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json | undefined };

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
  return writeObject("expression", { expression, ...rest } as Json, licenseExpression, indent);
}

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
