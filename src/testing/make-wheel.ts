import { createHash, hash } from "node:crypto";
import { crc32, deflateRawSync } from "node:zlib";
import { formatRecord, type RecordRow } from "../wheel/record.ts";

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
  const bytes = zip(members);
  const filename = `${stem}${build === undefined ? "" : `-${build}`}-${tag}.whl`;
  return { filename, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** A ZIP archive with deflated members, as plain as they come. */
function zip(members: ReadonlyMap<string, Buffer>): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of members) {
    const name = Buffer.from(path);
    const data = deflateRawSync(content);
    // Version 2.0, UTF-8 names, deflated, 1980-01-01.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(1 << 11, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const entry = Buffer.alloc(14);
    // A regular file, 0644.
    entry.writeUInt32LE((0o100644 << 16) >>> 0, 6);
    entry.writeUInt32LE(offset, 10);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), common, name, data]);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0003"), common, entry, name]));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(members.size, 8);
  end.writeUInt16LE(members.size, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}
