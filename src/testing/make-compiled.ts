/** What a compiled file is to say of itself (PEP 552). */
export type CompiledHeader =
  | { readonly kind: "time"; readonly seconds: number; readonly size: number }
  | { readonly kind: "checked-hash" | "unchecked-hash"; readonly hash: bigint };

/** CPython 3.13 */
const magic = 3571;

/** A compiled module of CPython 3.13 that does nothing, and has `names` among those that it uses. */
export function makeCompiled(names: readonly string[], header: CompiledHeader): Buffer {
  const code = [
    text("c", Buffer.alloc(20)),
    bytes(),
    tuple([]),
    tuple(names),
    tuple([]),
    bytes(),
    ...["example.py", "<module>", "<module>"].map(shortText),
    Buffer.alloc(4),
    bytes(),
    bytes(),
  ];
  return Buffer.concat([headerOf(header), ...code]);
}

function headerOf(header: CompiledHeader): Buffer {
  const buffer = Buffer.alloc(16);
  buffer.writeUInt16LE(magic, 0);
  buffer.write("\r\n", 2, "latin1");
  if (header.kind === "time") {
    buffer.writeUInt32LE(header.seconds, 8);
    buffer.writeUInt32LE(header.size, 12);
  } else {
    buffer.writeUInt32LE(header.kind === "checked-hash" ? 0b11 : 0b01, 4);
    buffer.writeBigUInt64LE(header.hash, 8);
  }
  return buffer;
}

function text(type: string, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), content]);
}

function bytes(): Buffer {
  return text("s", Buffer.alloc(4));
}

function tuple(items: readonly string[]): Buffer {
  return Buffer.concat([Buffer.from([0x29, items.length]), ...items.map(shortText)]);
}

function shortText(content: string): Buffer {
  return Buffer.concat([Buffer.from([0x7a, content.length]), Buffer.from(content)]);
}
