import { digestOf } from "../distribution/digest.ts";
import { inNormalForm } from "../distribution/project-name.ts";
import { isTable, isText, listOf, type Table } from "../encoding/table.ts";
import type { InnerComponent } from "./cyclonedx.ts";
import type { InstalledDistribution, TextFile } from "./installed-distribution.ts";
import { spdxExpression, spdxId } from "./spdx.ts";
import { clipped } from "./text.ts";

/** What documents in `.dist-info/sboms` say that a distribution is made of (PEP 770). Its packager claims it. */
export interface Nested {
  readonly components: readonly InnerComponent[];
  /** By `bom-ref`; the first edge is the distribution's own. */
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  /** What is wrong with a document, for people. */
  readonly problems: readonly string[];
}

const nothing: Nested = { components: [], dependencies: [], problems: [] };

/** Ample for what one distribution is made of. */
const limits = { length: 16 << 20, components: 50_000, depth: 64 };

/** @param ref the `bom-ref` of the distribution, which those of its parts begin with */
export function readNested({ name, nested = [] }: InstalledDistribution, ref: string): Nested {
  const read = nested.map((file) => readDocument(file, name, ref));
  return {
    components: read.flatMap(({ components }) => components),
    dependencies: read.flatMap(({ dependencies }) => dependencies),
    problems: read.flatMap(({ problems }) => problems),
  };
}

/** Documents in other formats are only referred to. */
function readDocument(file: TextFile, name: string, ref: string): Nested {
  const { path, text } = file;
  if (text.length > limits.length)
    return { ...nothing, problems: [`${path} is longer than ${limits.length} characters`] };
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return path.endsWith(".json") ? { ...nothing, problems: [`${path} is no JSON`] } : nothing;
  }
  if (!isTable(document) || document.bomFormat !== "CycloneDX") return nothing;
  const metadata = isTable(document.metadata) ? document.metadata : {};
  const [primary] = isTable(metadata.component) ? [metadata.component] : [];
  const place = {
    path,
    prefix: `${ref}#${digestOf(Buffer.from(path)).slice(0, 8)}:`,
    seen: new Set<string>(),
    depth: 0,
  };
  const roots = [...(primary === undefined ? [] : [primary]), ...listOf(document.components)];
  const components = roots.flatMap((each) => inner(each, place));
  return {
    components,
    dependencies: edges(document, place),
    problems: [
      ...identityProblem(primary, name, path),
      ...(place.seen.size >= limits.components ? [`${path} has too many components`] : []),
    ],
  };
}

interface Place {
  readonly path: string;
  readonly prefix: string;
  /** Every `bom-ref` so far, as the document has them. */
  readonly seen: Set<string>;
  readonly depth: number;
}

function inner(value: unknown, place: Place): InnerComponent[] {
  if (!isTable(value) || !isText(value.name) || value.name === "" || place.depth > limits.depth) return [];
  if (place.seen.size >= limits.components) return [];
  const { type, group, version, description, purl } = value;
  const own = isText(value["bom-ref"]) ? value["bom-ref"] : `component-${place.seen.size + 1}`;
  if (place.seen.has(own)) return [];
  place.seen.add(own);
  const below = listOf(value.components).flatMap((each) => inner(each, { ...place, depth: place.depth + 1 }));
  const [hashes, licenses] = [hashesIn(value), licensesIn(value)];
  return [
    {
      type: isText(type) && types.has(type) ? type : "library",
      "bom-ref": `${place.prefix}${own}`,
      ...(isText(group) && { group: clipped(group) }),
      name: clipped(value.name),
      ...(isText(version) && version.length <= 1024 && { version: version.toWellFormed() }),
      ...(isText(description) && { description: clipped(description) }),
      ...(hashes.length > 0 && { hashes }),
      ...(licenses.length > 0 && { licenses }),
      ...(isText(purl) && /^pkg:[!-~]+$/.test(purl) && { purl: clipped(purl) }),
      properties: [{ name: "tspip:nested-from", value: place.path }],
      ...(below.length > 0 && { components: below }),
    },
  ];
}

const types: ReadonlySet<string> = new Set(
  "application framework library container platform operating-system device device-driver firmware file machine-learning-model data cryptographic-asset".split(
    " ",
  ),
);

const hexLengths: Readonly<Record<string, number>> = {
  MD5: 32,
  "SHA-1": 40,
  "SHA-256": 64,
  "SHA-384": 96,
  "SHA-512": 128,
  "SHA3-256": 64,
  "SHA3-384": 96,
  "SHA3-512": 128,
};

function hashesIn({ hashes }: Table): { alg: string; content: string }[] {
  return listOf(hashes).flatMap((hash) => {
    if (!isTable(hash) || !isText(hash.alg) || !isText(hash.content)) return [];
    const { alg, content } = hash;
    return content.length === hexLengths[alg] && /^[0-9a-f]+$/i.test(content) ? [{ alg, content }] : [];
  });
}

/** One expression, or a list of licences. */
function licensesIn({ licenses }: Table): NonNullable<InnerComponent["licenses"]> {
  const choices = listOf(licenses).filter(isTable);
  const expressions = choices.flatMap(({ expression }) => (isText(expression) ? [spdxExpression(expression)] : []));
  const [expression] = expressions;
  if (expression !== undefined) return [{ expression }];
  return choices.flatMap(({ license }): { readonly license: { readonly id?: string; readonly name?: string } }[] => {
    if (!isTable(license)) return [];
    const id = isText(license.id) ? spdxId(license.id) : undefined;
    if (id !== undefined) return [{ license: { id } }];
    const name = isText(license.name) ? license.name : license.id;
    return isText(name) && name !== "" ? [{ license: { name: clipped(name) } }] : [];
  });
}

/** Only between components that were taken. */
function edges({ dependencies }: Table, { prefix, seen }: Place): Nested["dependencies"] {
  const known = new Set<string>();
  return listOf(dependencies).flatMap((edge) => {
    if (!isTable(edge) || !isText(edge.ref) || !seen.has(edge.ref) || known.has(edge.ref)) return [];
    known.add(edge.ref);
    const on = [...new Set(listOf(edge.dependsOn).filter(isText))].filter((other) => seen.has(other));
    return [{ ref: `${prefix}${edge.ref}`, dependsOn: on.map((other) => `${prefix}${other}`) }];
  });
}

/** A document about another project says nothing of this one. */
function identityProblem(primary: Table | undefined, name: string, path: string): string[] {
  const purl = primary !== undefined && isText(primary.purl) ? primary.purl : "";
  const project = /^pkg:pypi\/(?<name>[^@?#]+)/i.exec(purl)?.groups?.name;
  const isOther = project !== undefined && inNormalForm(project) !== name;
  return isOther ? [`${path} is about ${clipped(purl)}`] : [];
}
