/** Writes DER (X.690): each function gives one element. */

export function derSequence(...elements: readonly Uint8Array[]): Buffer {
  return derElement(0x30, ...elements);
}

export function derSet(...elements: readonly Uint8Array[]): Buffer {
  return derElement(0x31, ...elements);
}

/** A non-negative INTEGER of big-endian `magnitude`. */
export function derInteger(magnitude: Uint8Array): Buffer {
  const first = magnitude.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Buffer.of(0) : Buffer.from(magnitude).subarray(first);
  return derElement(0x02, digits.readUInt8(0) < 0x80 ? digits : Buffer.concat([Buffer.of(0), digits]));
}

export const derTrue = derElement(0x01, Buffer.of(0xff));

/** A BIT STRING whose last byte has `unusedBits` that do not count. */
export function derBitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return derElement(0x03, Buffer.of(unusedBits), bytes);
}

export function derOctetString(bytes: Uint8Array): Buffer {
  return derElement(0x04, bytes);
}

export function derUtf8String(text: string): Buffer {
  return derElement(0x0c, Buffer.from(text));
}

/** UTCTime, which RFC 5280 wants for years before 2050. */
export function derTime(time: Date): Buffer {
  return derElement(0x17, Buffer.from(digitsOf(time).slice(2)));
}

/** GeneralizedTime, in whole seconds. */
export function derGeneralizedTime(time: Date): Buffer {
  return derElement(0x18, Buffer.from(digitsOf(time)));
}

/** OBJECT IDENTIFIER of dotted arcs. */
export function derObjectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  return derElement(0x06, Buffer.from([first * 40 + second, ...others].flatMap(base128)));
}

/** A context-specific element: constructed, unless it replaces the tag of a primitive (IMPLICIT). */
export function derTagged(number: number, form: "constructed" | "primitive", contents: Uint8Array): Buffer {
  return derElement((form === "constructed" ? 0xa0 : 0x80) | number, contents);
}

function derElement(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), lengthOctets(body.length), body]);
}

/** `YYYYMMDDHHMMSSZ` */
function digitsOf(time: Date): string {
  return time.toISOString().replace(/\.\d+|[-:T]/g, "");
}

/** X.690, 8.1.3: short form below 128, else the number of length octets first. */
function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  return length <= 0xff ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff);
}

/** X.690, 8.19: seven bits an octet, the high bit on all but the last. */
function base128(arc: number): number[] {
  const octets = [arc & 0x7f];
  for (let rest = arc >> 7; rest > 0; rest >>= 7) octets.unshift((rest & 0x7f) | 0x80);
  return octets;
}
