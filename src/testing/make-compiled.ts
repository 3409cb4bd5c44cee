/** What a compiled file is to say of itself (PEP 552). */
export type CompiledHeader =
  | { readonly kind: "time"; readonly seconds: number; readonly size: number }
  | { readonly kind: "checked-hash" | "unchecked-hash"; readonly hash: bigint };

/** CPython 3.13 */
const magic = 3571;

/**
 * A compiled module of CPython 3.13 that does nothing, and has `names` among those that it uses.
 * @param functions how many functions are in it, which all refer to the same tuple of names
 */
export function makeCompiled(names: readonly string[], header: CompiledHeader, functions = 0): Buffer {
  const named = tuple(names.map(text));
  if (functions === 0) return Buffer.concat([headerOf(header), codeObject(named)]);
  // The first value that may be referred to has the number 0.
  const reference = typed("r", Buffer.alloc(4));
  const inner = [codeObject(referable(named)), ...Array(functions - 1).fill(codeObject(reference))];
  return Buffer.concat([headerOf(header), codeObject(reference, inner)]);
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

function codeObject(names: Buffer, constants: readonly Buffer[] = []): Buffer {
  return Buffer.concat([
    typed("c", Buffer.alloc(20)),
    bytes(),
    tuple(constants),
    names,
    tuple([]),
    bytes(),
    ...["example.py", "<module>", "<module>"].map(text),
    Buffer.alloc(4),
    bytes(),
    bytes(),
  ]);
}

function typed(type: string, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), content]);
}

function bytes(): Buffer {
  return typed("s", Buffer.alloc(4));
}

function tuple(items: readonly Buffer[]): Buffer {
  return Buffer.concat([sized(")", "(", items.length), ...items]);
}

function text(content: string): Buffer {
  return Buffer.concat([sized("z", "a", content.length), Buffer.from(content)]);
}

/** The type of a value for its length, which takes one byte or four. */
function sized(short: string, long: string, length: number): Buffer {
  if (length < 256) return typed(short, Buffer.from([length]));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(length);
  return typed(long, size);
}

function referable(value: Buffer): Buffer {
  const copy = Buffer.from(value);
  copy.writeUInt8(copy.readUInt8() | 0x80);
  return copy;
}
