/** Tags of X.690 that certificates and timestamps use; `0xa0` to `0xbf` are context-specific and constructed. */
export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

/** One element. Its buffers are views into the document, made when they are asked for: for most elements, nobody does. */
export class DerElement {
  readonly tag: number;
  private readonly document: Buffer;
  private readonly start: number;
  private readonly contentStart: number;
  private readonly end: number;

  constructor(found: number, document: Buffer, start: number, contentStart: number, end: number) {
    this.tag = found;
    this.document = document;
    this.start = start;
    this.contentStart = contentStart;
    this.end = end;
  }

  /** Tag, length and content. */
  get bytes(): Buffer {
    return this.document.subarray(this.start, this.end);
  }

  get content(): Buffer {
    return this.document.subarray(this.contentStart, this.end);
  }

  /** The elements inside this one. */
  get elements(): DerReader {
    return new DerReader(this.document, this.contentStart, this.end);
  }
}

/** Bytes that are not the DER they should be. */
export class DerError extends Error {}

/**
 * Reads the elements of a constructed value one after the other. Strict, as DER has one encoding for each value
 * (X.690, section 10): lengths are definite and as short as can be, and nothing may be left over.
 */
export class DerReader {
  private readonly document: Buffer;
  private readonly limit: number;
  private at: number;

  /** Reads all of `document`, or what is between `start` and `end`. */
  constructor(document: Buffer, start = 0, end = document.length) {
    this.document = document;
    this.at = start;
    this.limit = end;
  }

  /** Where the next element begins in the document. */
  get position(): number {
    return this.at;
  }

  get isAtEnd(): boolean {
    return this.at === this.limit;
  }

  /** The next element's tag; `undefined` at the end. */
  get nextTag(): number | undefined {
    return this.at < this.limit ? this.document[this.at] : undefined;
  }

  /** The next element, which must have the tag `wanted` when one is given. */
  next(wanted?: number): DerElement {
    const start = this.at;
    const found = this.byte();
    if (wanted !== undefined && found !== wanted) {
      throw new DerError(`Element at ${start} has the tag ${hex(found)}, not ${hex(wanted)}`);
    }
    // X.690, section 8.1.5: it ends values of indefinite length, and DER has none.
    if (found === 0) throw new DerError(`Element at ${start} has the reserved tag 0x00`);
    // Tags above 30 take more than one byte; no format that tspip reads has any.
    if ((found & 0x1f) === 0x1f) throw new DerError(`Element at ${start} has a long tag`);
    const length = this.length();
    const contentStart = this.at;
    const end = contentStart + length;
    if (end > this.limit) throw new DerError(`Element at ${start} is longer than what holds it`);
    this.at = end;
    return new DerElement(found, this.document, start, contentStart, end);
  }

  /** The next element if it has the tag `wanted`. */
  optional(wanted: number): DerElement | undefined {
    return this.nextTag === wanted ? this.next(wanted) : undefined;
  }

  /** The elements inside the next one. */
  enter(wanted: number): DerReader {
    return this.next(wanted).elements;
  }

  /** @throws DerError when something is left over */
  end(): void {
    if (!this.isAtEnd) throw new DerError(`${this.limit - this.at} bytes are left over`);
  }

  private byte(): number {
    const byte = this.at < this.limit ? this.document[this.at] : undefined;
    if (byte === undefined) throw new DerError("Element is cut short");
    this.at += 1;
    return byte;
  }

  private length(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    // 0x80 is the indefinite form of BER; four bytes are more than any document may have.
    if (count === 0 || count > 4) throw new DerError("Length is indefinite or too long");
    let length = 0;
    for (let at = 0; at < count; at++) length = length * 256 + this.byte();
    if (length < 0x80 || length < 256 ** (count - 1)) throw new DerError("Length is not in its shortest form");
    return length;
  }
}

/** The one element that `bytes` are. @throws DerError when they are not exactly one */
export function readDer(bytes: Buffer, wanted: number): DerElement {
  const reader = new DerReader(bytes);
  const element = reader.next(wanted);
  reader.end();
  return element;
}

/** No format that tspip reads comes near it. */
const maxDepth = 64;

/**
 * Checks that `bytes` are elements of DER to their depths: what we skip of a document, another reader may look at.
 * @throws DerError
 */
export function checkDer(bytes: Buffer, depth = 0): void {
  if (depth > maxDepth) throw new DerError(`Elements are nested more than ${maxDepth} deep`);
  for (const reader = new DerReader(bytes); !reader.isAtEnd; ) {
    const element = reader.next();
    if ((element.tag & 0x20) !== 0) checkDer(element.content, depth + 1);
  }
}

/** The elements inside the one that `bytes` are. */
export function enterDer(bytes: Buffer, wanted: number): DerReader {
  return readDer(bytes, wanted).elements;
}

/** An element with the tag `found` around `contents`. */
export function encodeDer(found: number, ...contents: readonly Buffer[]): Buffer {
  const content = contents.length === 1 && contents[0] !== undefined ? contents[0] : Buffer.concat(contents);
  return Buffer.concat([Buffer.from([found, ...encodeLength(content.length)]), content]);
}

function encodeLength(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
