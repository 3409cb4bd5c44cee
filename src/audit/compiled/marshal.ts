/**
 * Reads the names that a compiled module uses (CPython: Python/marshal.c, Objects/codeobject.c). Nothing is run: of all
 * values only tuples and code objects are gone into.
 */

/** `co_names` of a module and of all code inside it: globals, attributes and imports. */
export type UsedNames = ReadonlySet<string>;

/** Magic numbers of the first compilers with a layout; in between they only count up. */
const oldestMagic = 3400; // 3.8
const newLayoutMagic = 3450; // 3.11
const unknownMagic = 3700;

/** Deeper than any source nests. */
const maxDepth = 1000;

/** Whether the layout of code objects is known. */
export function isKnownMagic(magic: number): boolean {
  return magic >= oldestMagic && magic < unknownMagic;
}

/**
 * @param magic of the file's header
 * @throws RangeError when it is no marshalled module
 */
export function readUsedNames(bytes: Buffer, magic: number): UsedNames {
  const reader: Reader = { bytes, at: 0, refs: [], names: new Set(), named: new Set(), fields: fieldsFor(magic) };
  const { code } = readValue(reader, 0);
  if (!code || reader.at !== bytes.length) throw new RangeError("it holds no module");
  return reader.names;
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
  /** What is referred to later by its number. */
  readonly refs: Value[];
  readonly names: Set<string>;
  /** Tuples whose names are among them already: any number of code objects may refer to one. */
  readonly named: Set<Value>;
  readonly fields: readonly Field[];
}

/** As much of a value as is of use: a text, or the texts in a tuple. */
interface Value {
  readonly text?: string;
  readonly items?: readonly Value[];
  readonly code?: boolean;
}

type Field = "int" | "value" | "names";

/** The members of a code object in the order of the file. */
function fieldsFor(magic: number): readonly Field[] {
  const int = (count: number) => Array<Field>(count).fill("int");
  const value = (count: number) => Array<Field>(count).fill("value");
  // argcount, posonlyargcount, kwonlyargcount, stacksize, flags; code, consts; names; localsplusnames, localspluskinds,
  // filename, name, qualname; firstlineno; linetable, exceptiontable.
  if (magic >= newLayoutMagic) return [...int(5), ...value(2), "names", ...value(5), "int", ...value(2)];
  // With nlocals; names; varnames, freevars, cellvars, filename, name; firstlineno; lnotab.
  return [...int(6), ...value(2), "names", ...value(5), "int", "value"];
}

function readValue(reader: Reader, depth: number): Value {
  if (depth > maxDepth) throw new RangeError("it nests too deep");
  const byte = readByte(reader);
  const type = String.fromCharCode(byte & 0x7f);
  // The number is taken before what is inside is read.
  const ref = byte & 0x80 ? reader.refs.push({}) - 1 : undefined;
  const value = readOfType(reader, type, depth + 1);
  if (ref !== undefined) reader.refs[ref] = value;
  return value;
}

function readOfType(reader: Reader, type: string, depth: number): Value {
  switch (type) {
    case "N":
    case "T":
    case "F":
    case ".":
    case "S":
    case "0":
      return {};
    case "i":
      return skip(reader, 4);
    case "I":
    case "g":
      return skip(reader, 8);
    case "y":
      return skip(reader, 16);
    case "f":
      return skip(reader, readByte(reader));
    case "x":
      return skip(reader, readByte(reader)) && skip(reader, readByte(reader));
    case "l":
      return skip(reader, Math.abs(take(reader, 4).readInt32LE()) * 2);
    case "s":
      return skip(reader, readLength(reader));
    case "z":
    case "Z":
      return { text: take(reader, readByte(reader)).toString("latin1") };
    case "a":
    case "A":
      return { text: take(reader, readLength(reader)).toString("latin1") };
    case "u":
    case "t":
      return { text: take(reader, readLength(reader)).toString("utf8") };
    case ")":
      return readItems(reader, readByte(reader), depth);
    case "(":
    case "[":
    case "<":
    case ">":
      return readItems(reader, readLength(reader), depth);
    case ":":
      return readItems(reader, 3, depth);
    case "{":
      while (reader.bytes[reader.at] !== 0x30) readValue(reader, depth);
      return skip(reader, 1);
    case "r":
      return reader.refs[readLength(reader)] ?? fail("it refers to what is not there");
    case "c":
      return readCode(reader, depth);
    default:
      return fail(`it has a value of the unknown type "${type}"`);
  }
}

function readItems(reader: Reader, count: number, depth: number): Value {
  const items: Value[] = [];
  for (let at = 0; at < count; at++) items.push(readValue(reader, depth));
  return { items };
}

function readCode(reader: Reader, depth: number): Value {
  for (const field of reader.fields) {
    if (field === "int") skip(reader, 4);
    else if (field === "value") readValue(reader, depth);
    else addNames(reader, readValue(reader, depth));
  }
  return { code: true };
}

function addNames({ names, named }: Reader, tuple: Value): void {
  if (named.has(tuple)) return;
  named.add(tuple);
  for (const { text } of tuple.items ?? []) if (text !== undefined) names.add(text);
}

function take(reader: Reader, length: number): Buffer {
  const end = reader.at + length;
  if (end > reader.bytes.length) fail("it ends early");
  const taken = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return taken;
}

function skip(reader: Reader, length: number): Value {
  take(reader, length);
  return {};
}

function readByte(reader: Reader): number {
  return take(reader, 1).readUInt8();
}

function readLength(reader: Reader): number {
  return take(reader, 4).readUInt32LE();
}

function fail(why: string): never {
  throw new RangeError(why);
}
