import { createHash, hash } from "node:crypto";
import { formatRecord, type RecordRow } from "../wheel/record.ts";
import { writeZip, type ZipMember, type ZipOptions } from "./zip-writer.ts";

/** What a wheel is made of. Every part has a compliant default; tests override the one they are about. */
export interface WheelDescription {
  readonly name?: string;
  readonly version?: string;
  /** `py3-none-any` when left out. */
  readonly tag?: string;
  readonly build?: string;
  /** Members besides the `.dist-info` folder: path → contents. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Further lines of METADATA. */
  readonly metadata?: readonly string[];
  readonly entryPoints?: string;
  /** Members that are added behind RECORD's back. */
  readonly unlisted?: Readonly<Record<string, string>>;
  /** Members whose contents in the archive are other than RECORD says. */
  readonly altered?: Readonly<Record<string, string>>;
  /** Bends the archive's members before they are written. */
  readonly bend?: (members: ZipMember[]) => ZipMember[];
  readonly zip?: ZipOptions;
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
  const distInfo = `${stem}.dist-info`;
  const listed = new Map<string, Buffer>(
    Object.entries({
      ...(description.files ?? { [`${name.replace(/[-.]+/g, "_")}/__init__.py`]: `__version__ = "${version}"\n` }),
      [`${distInfo}/METADATA`]: [
        `Metadata-Version: 2.1`,
        `Name: ${name}`,
        `Version: ${version}`,
        ...(description.metadata ?? []),
        "",
      ].join("\n"),
      [`${distInfo}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: tspip tests\nRoot-Is-Purelib: true\nTag: ${tag}\n`,
      ...(description.entryPoints === undefined ? {} : { [`${distInfo}/entry_points.txt`]: description.entryPoints }),
    }).map(([path, content]) => [path, Buffer.from(content)]),
  );
  const rows: RecordRow[] = [...listed].map(([path, bytes]) => ({
    path,
    hash: { algorithm: "sha256", digest: hash("sha256", bytes, "base64url") },
    size: bytes.length,
  }));
  const record = formatRecord([...rows, { path: `${distInfo}/RECORD` }]);
  const members = new Map([...listed, [`${distInfo}/RECORD`, Buffer.from(record)]]);
  for (const [path, content] of Object.entries({ ...unlisted, ...altered })) members.set(path, Buffer.from(content));
  const plain = [...members].map(([path, content]): ZipMember => ({ path, content }));
  const bytes = writeZip(description.bend?.(plain) ?? plain, description.zip);
  const filename = `${stem}${build === undefined ? "" : `-${build}`}-${tag}.whl`;
  return { filename, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}
