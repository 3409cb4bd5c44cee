import { type DerElement, DerError, tag } from "./der.ts";

/** Dotted forms by content: certificates of one authority have the same twenty-five, again and again. */
const known = new Map<string, string>();
/** Whoever sends certificates with ever new identifiers shall not fill the memory. */
const mostKnown = 256;

/** The dotted form of an object identifier's content (X.690, section 8.19). */
export function objectIdentifier({ content }: DerElement): string {
  const key = content.toString("latin1");
  const found = known.get(key);
  if (found !== undefined) return found;
  const dotted = dottedForm(content);
  if (known.size < mostKnown) known.set(key, dotted);
  return dotted;
}

function dottedForm(content: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  let startsArc = true;
  for (const byte of content) {
    if (startsArc && byte === 0x80) throw new DerError("Object identifier is not in its shortest form");
    arc = arc * 128 + (byte & 0x7f);
    if (arc > 0xffff_ffff) throw new DerError("Object identifier has an arc above 2^32");
    startsArc = (byte & 0x80) === 0;
    if (startsArc) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first, ...rest] = arcs;
  if (first === undefined || !startsArc) throw new DerError("Object identifier is cut short");
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join(".");
}

export function boolean({ content }: DerElement): boolean {
  const [value] = content;
  // X.690, section 11.1: DER writes true as 0xff only.
  if (content.length !== 1 || (value !== 0x00 && value !== 0xff)) throw new DerError("Boolean is neither 00 nor ff");
  return value === 0xff;
}

/** A small integer that is not negative, such as a version. */
export function smallInteger(element: DerElement): number {
  const { content } = element;
  checkInteger(element);
  const [first = 0x80] = content;
  if (content.length > 4 || first >= 0x80) throw new DerError("Integer is negative or above 2^31");
  return content.readUIntBE(0, content.length);
}

/** X.690, section 8.3.2: an integer has the fewest bytes that hold it. */
export function checkInteger({ content }: DerElement): void {
  const [first, second] = content;
  if (first === undefined) throw new DerError("Integer is empty");
  if (second === undefined) return;
  const repeatsSign = (first === 0x00 && second < 0x80) || (first === 0xff && second >= 0x80);
  if (repeatsSign) throw new DerError("Integer is not in its shortest form");
}

/** The bytes of a bit string that has whole bytes only, as keys and signatures have. */
export function wholeBytes({ content }: DerElement): Buffer {
  if (content[0] !== 0) throw new DerError("Bit string has a broken last byte");
  return content.subarray(1);
}

/** RFC 5280, section 4.1.2.5: `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`, to milliseconds since 1970. */
export function time({ tag: found, content }: DerElement): number {
  const text = content.toString("latin1");
  if (found === tag.utcTime && /^\d{12}Z$/.test(text)) {
    return moment((Number(text.slice(0, 2)) < 50 ? "20" : "19") + text);
  }
  if (found === tag.generalizedTime && /^\d{14}Z$/.test(text)) return moment(text);
  throw new DerError(`Time "${printable(text)}" is not in the form of RFC 5280`);
}

/** RFC 3161, section 2.4.2: a generalized time that may have a fraction, which does not end in zero. */
export function preciseTime({ tag: found, content }: DerElement): number {
  const text = content.toString("latin1");
  const match = /^(\d{14})(\.\d{0,8}[1-9])?Z$/.exec(text);
  if (found !== tag.generalizedTime || match === null) {
    throw new DerError(`Time "${printable(text)}" is not in the form of RFC 3161`);
  }
  return moment(`${match[1]}Z`) + Math.floor(Number(match[2] ?? 0) * 1000);
}

/** `YYYYMMDDHHMMSSZ` to milliseconds since 1970. */
function moment(text: string): number {
  const day = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`;
  const iso = `${day}T${text.slice(8, 10)}:${text.slice(10, 12)}:${text.slice(12, 14)}.000Z`;
  const milliseconds = Date.parse(iso);
  // Days that a month does not have would roll over into the next one.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== iso) {
    throw new DerError(`Time "${printable(text)}" does not exist`);
  }
  return milliseconds;
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 40);
}
