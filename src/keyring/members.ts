import { isJsonObject, type JsonObject, type JsonValue, parseJsonBytes } from "../encoding/json.ts";
import { messageOf, TrustError } from "../errors.ts";
import { keyIdOfJwk } from "../signature/signing-keys.ts";
import type { KeyId } from "../trust/key-id.ts";

/** A document that is not what it should be: nothing of it is used. */
export function refused(reason: string): TrustError {
  return new TrustError("keyring-refused", reason);
}

/** A document that is sound, and shows nothing any more. */
export function expired(reason: string): TrustError {
  return new TrustError("keyring-expired", reason);
}

/**
 * The members of one object, each read once. One that nobody reads is a mistake: what is not understood could have
 * restricted what is.
 */
export class Members {
  private readonly object: JsonObject;
  private readonly what: string;
  private readonly read = new Set<string>();

  /** @throws TrustError when `value` is no object */
  constructor(value: JsonValue | undefined, what: string) {
    if (!isJsonObject(value)) throw refused(`${what} is no JSON object`);
    this.object = value;
    this.what = what;
  }

  has(name: string): boolean {
    return name in this.object;
  }

  text(name: string, limit = 300): string {
    const value = this.take(name);
    if (typeof value !== "string" || value.length === 0 || value.length > limit) throw this.wrong(name, "a text");
    return value;
  }

  integer(name: string): number {
    const value = this.take(name);
    if (typeof value !== "number" || !Number.isSafeInteger(value)) throw this.wrong(name, "a whole number");
    return value;
  }

  constant(name: string, expected: string | number): void {
    const value = this.take(name);
    if (value !== expected) throw this.wrong(name, JSON.stringify(expected));
  }

  list(name: string): readonly JsonValue[] {
    const value = this.take(name);
    if (!Array.isArray(value)) throw this.wrong(name, "a list");
    return value;
  }

  inner(name: string): Members {
    return new Members(this.take(name), `${this.what}, ${name},`);
  }

  /** RFC 3339 in UTC, whole seconds: `2026-11-21T12:00:00Z`. */
  time(name: string): Date {
    const text = this.text(name);
    const time = new Date(text);
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) || Number.isNaN(time.getTime()) || formatTime(time) !== text)
      throw this.wrong(name, "a time as 2026-11-21T12:00:00Z");
    return time;
  }

  key(name: string): KeyId {
    const id = keyIdOfJwk(this.take(name));
    if (id === undefined) throw this.wrong(name, "a public JWK, Ed25519 or P-256");
    return id;
  }

  finish(): void {
    const unknown = Object.keys(this.object).find((name) => !this.read.has(name));
    if (unknown !== undefined) throw refused(`${this.what} has "${unknown.slice(0, 50)}", which is not known`);
  }

  private take(name: string): JsonValue | undefined {
    this.read.add(name);
    return this.object[name];
  }

  private wrong(name: string, expected: string): TrustError {
    return refused(`"${name}" of ${this.what} is not ${expected}`);
  }
}

/** @throws TrustError for bytes that are no strict JSON, or more than `limit` */
export function parseMembers(bytes: Uint8Array, what: string, limit: number): Members {
  if (bytes.length > limit) throw refused(`${what} has ${bytes.length} bytes, more than ${limit}`);
  try {
    return new Members(parseJsonBytes(bytes), what);
  } catch (error) {
    if (error instanceof TrustError) throw error;
    throw refused(`${what} cannot be read: ${messageOf(error)}`);
  }
}

export function formatTime(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
