import { decodeBase64 } from "./base64.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJsonBytes } from "./json.ts";

/** How a caller refuses a document; the message says which member is wrong and why. */
export type Refuse = (message: string) => never;

/**
 * One value of a document and where it stands there. Reading it as what it is not is refused with that place. A member
 * that is absent and one that is `null` are the same thing, as protobuf's JSON has it.
 */
export class JsonReader {
  private readonly value: JsonValue | undefined;
  private readonly path: string;
  private readonly refuse: Refuse;

  /** `path` names the document in messages. */
  constructor(value: JsonValue | undefined, path: string, refuse: Refuse) {
    this.value = value ?? undefined;
    this.path = path;
    this.refuse = refuse;
  }

  /** A document in bytes. One that has no single reading is refused as a whole. */
  static parse(bytes: Uint8Array, path: string, refuse: Refuse): JsonReader {
    let value: JsonValue;
    try {
      value = parseJsonBytes(bytes);
    } catch (error) {
      return refuse(`it is no JSON with one reading: ${(error as Error).message}`);
    }
    return new JsonReader(value, path, refuse);
  }

  get isPresent(): boolean {
    return this.value !== undefined;
  }

  /** The value as it was parsed; `undefined` when there is none. */
  get raw(): JsonValue | undefined {
    return this.value;
  }

  /** The member `name` of this object. */
  member(name: string): JsonReader {
    return new JsonReader(this.object()[name], `${this.path}.${name}`, this.refuse);
  }

  /** The member `name` of this object, or `undefined` when it is not there. */
  optional(name: string): JsonReader | undefined {
    const member = this.member(name);
    return member.isPresent ? member : undefined;
  }

  has(name: string): boolean {
    return this.member(name).isPresent;
  }

  /** The names of this object's members. */
  names(): string[] {
    return Object.keys(this.object());
  }

  /** The elements of this array, none when it is absent. */
  elements(most: number): JsonReader[] {
    const value = this.value ?? [];
    if (!Array.isArray(value)) return this.fail("is not an array");
    if (value.length > most) return this.fail(`has ${value.length} elements, the limit is ${most}`);
    return value.map((element, at) => new JsonReader(element, `${this.path}[${at}]`, this.refuse));
  }

  text(): string {
    return typeof this.value === "string" ? this.value : this.fail("is not a string");
  }

  /** Bytes in strict base64; empty ones are refused, as protobuf's JSON cannot tell them from absent ones. */
  bytes(): Buffer {
    const bytes = decodeBase64(this.text());
    if (bytes === undefined) return this.fail("is not strict base64");
    return bytes.length === 0 ? this.fail("is empty") : bytes;
  }

  /** Protobuf's JSON writes 64-bit integers as text and allows numbers. Negative ones are refused. */
  uint64(): bigint {
    const value = this.value;
    if (typeof value === "string" && /^(?:0|[1-9]\d{0,18})$/.test(value)) {
      const integer = BigInt(value);
      if (integer <= maxInt64) return integer;
    }
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
    return this.fail("is not a number from 0 to 2^63-1");
  }

  /** A moment, RFC 3339 in UTC as protobuf's JSON writes it, in milliseconds since 1970. */
  time(): number {
    const text = this.text();
    const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z$/.exec(text);
    // Days that a month does not have would roll over into the next one.
    const whole = match === null ? Number.NaN : Date.parse(`${match[1]}Z`);
    if (Number.isNaN(whole) || new Date(whole).toISOString().slice(0, 19) !== match?.[1]) {
      return this.fail("is not a time of RFC 3339 in UTC");
    }
    return whole + Math.floor(Number(match[2] ?? 0) * 1000);
  }

  /** Refuses the document because of this value. */
  fail(problem: string): never {
    if (this.value === undefined) return this.refuse(`${this.path} is absent`);
    return this.refuse(`${this.path} ${problem}`);
  }

  private object(): JsonObject {
    return isJsonObject(this.value) ? this.value : this.fail("is not an object");
  }
}

const maxInt64 = 2n ** 63n - 1n;
