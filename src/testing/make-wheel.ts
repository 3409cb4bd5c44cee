import { hash } from "node:crypto";
import { digestOf } from "../distribution/digest.ts";
import { formatRecord, type RecordRow } from "../wheel/record.ts";
import { writeZip, type ZipMember, type ZipOptions } from "./zip-writer.ts";

/** What a wheel is made of. Every part has a compliant default; tests override the one they are about. */
export interface WheelDescription {
  readonly name?: string;
  readonly version?: string;
  /** `py3-none-any` when left out. */
  readonly tag?: string;
  readonly build?: string;
  /** The file's name, where it is not made of the parts above. */
  readonly filename?: string;
  /** Members besides METADATA and WHEEL, or in place of them: path → contents. One module when left out. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Further lines of METADATA. */
  readonly metadata?: readonly string[];
  readonly entryPoints?: string;
  readonly record?: RecordForm;
  /** Members that are added behind RECORD's back. */
  readonly unlisted?: Readonly<Record<string, string | Uint8Array>>;
  /** Members whose contents in the archive are other than RECORD says. */
  readonly altered?: Readonly<Record<string, string | Uint8Array>>;
  /** Bends the archive's members before they are written. */
  readonly bend?: (members: ZipMember[]) => ZipMember[];
  readonly zip?: ZipOptions;
}

/** How RECORD is written. */
export interface RecordForm {
  /** sha256 when left out. */
  readonly algorithm?: string;
  /** Digests end in the `=` of base64. */
  readonly padded?: boolean;
  /** Rows have their size unless this is false. */
  readonly sizes?: boolean;
  /** Every field stands in quotation marks. */
  readonly quoted?: boolean;
  readonly lineEnd?: string;
  /** The last row ends without a line end. */
  readonly isOpenEnded?: boolean;
  readonly reversed?: boolean;
  /** Lines in place of the row of a path; none for an empty text. */
  readonly rows?: Readonly<Record<string, string>>;
  /** Lines behind all rows. */
  readonly further?: readonly string[];
  /** What stands before the first row. */
  readonly prefix?: string;
}

export interface MadeWheel {
  readonly filename: string;
  readonly bytes: Buffer;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** Makes a wheel (binary distribution format). */
export function makeWheel(description: WheelDescription = {}): MadeWheel {
  const { name = "example", version = "1.0", tag = "py3-none-any", build, unlisted = {}, altered = {} } = description;
  const stem = `${name.replace(/[-.]+/g, "_")}-${version}`;
  const listed = new Map(Object.entries(contents(description, stem, tag)).map(([path, text]) => [path, bytesOf(text)]));
  const record = writeRecord(listed, `${stem}.dist-info/RECORD`, description.record);
  const members = new Map([...listed, [`${stem}.dist-info/RECORD`, record]]);
  for (const [path, content] of Object.entries({ ...unlisted, ...altered })) members.set(path, bytesOf(content));
  const plain = [...members].map(([path, content]): ZipMember => ({ path, content }));
  const bytes = writeZip(description.bend?.(plain) ?? plain, description.zip);
  const filename = description.filename ?? `${stem}${build === undefined ? "" : `-${build}`}-${tag}.whl`;
  return { filename, bytes, sha256: digestOf(bytes) };
}

function contents(
  { name = "example", version = "1.0", files, metadata = [], entryPoints }: WheelDescription,
  stem: string,
  tag: string,
): Record<string, string | Uint8Array> {
  const [python = "", abi = "", platform = ""] = tag.split("-");
  const tags = python.split(".").flatMap((p) => platform.split(".").map((f) => `Tag: ${p}-${abi}-${f}\n`));
  return {
    ...(files === undefined && { [`${name.replace(/[-.]+/g, "_")}/__init__.py`]: `__version__ = "${version}"\n` }),
    [`${stem}.dist-info/METADATA`]: [
      "Metadata-Version: 2.1",
      `Name: ${name}`,
      `Version: ${version}`,
      ...metadata,
      "",
    ].join("\n"),
    [`${stem}.dist-info/WHEEL`]: `Wheel-Version: 1.0\nGenerator: tspip tests\nRoot-Is-Purelib: true\n${tags.join("")}`,
    ...(entryPoints !== undefined && { [`${stem}.dist-info/entry_points.txt`]: entryPoints }),
    ...files,
  };
}

function writeRecord(listed: ReadonlyMap<string, Buffer>, path: string, form: RecordForm = {}): Buffer {
  const { algorithm = "sha256", padded = false, sizes = true, rows: replaced = {}, lineEnd = "\n" } = form;
  const rows: RecordRow[] = [...listed].map(([member, bytes]) => {
    const digest = hash(algorithm, bytes, "base64url");
    const padding = padded ? "=".repeat(-digest.length & 3) : "";
    return {
      path: member,
      hash: { algorithm, digest: digest + padding },
      ...(sizes && { size: bytes.length }),
    };
  });
  const lines = [...rows, { path }]
    .map((row) => replaced[row.path] ?? formatRecord([row]).trimEnd())
    .filter((line) => line !== "");
  const ordered = form.reversed ? lines.toReversed() : lines.toSorted();
  const shown = form.quoted ? ordered.map(quoteAll) : ordered;
  const text = [...shown, ...(form.further ?? [])].join(lineEnd) + (form.isOpenEnded ? "" : lineEnd);
  return Buffer.from((form.prefix ?? "") + text);
}

/** For rows without a comma in their path. */
function quoteAll(line: string): string {
  return line
    .split(",")
    .map((field) => `"${field}"`)
    .join(",");
}

function bytesOf(content: string | Uint8Array): Buffer {
  return typeof content === "string" ? Buffer.from(content) : Buffer.from(content);
}
