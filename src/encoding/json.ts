import { decodeUtf8 } from "./utf8.ts";

/** A JSON value. Objects have no prototype, so that no member name has a meaning of its own. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** No document that tspip reads nests deeper: a provenance object has ten levels, a SLSA predicate a few more. */
const maxDepth = 64;

/**
 * Parses JSON (RFC 8259) with one reading or none: member names are unique within their object, as RFC 7493 wants and
 * `JSON.parse` does not; nesting is limited; nothing stands before or behind the value, no byte order mark either.
 * @throws SyntaxError with the offset of the mistake
 */
export function parseJson(text: string): JsonValue {
  const parser = new JsonParser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

/** Parses UTF-8 bytes. @throws SyntaxError, also for bytes that are no UTF-8 */
export function parseJsonBytes(bytes: Uint8Array): JsonValue {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw new SyntaxError("not UTF-8");
  return parseJson(text);
}

const blank = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;

class JsonParser {
  private readonly text: string;
  private position = 0;

  constructor(text: string) {
    this.text = text;
  }

  value(depth: number): JsonValue {
    if (depth > maxDepth) this.fail(`more than ${maxDepth} levels`);
    this.skip();
    switch (this.text[this.position]) {
      case "{":
        return this.object(depth);
      case "[":
        return this.array(depth);
      case '"':
        return this.string();
      default:
        return this.scalar();
    }
  }

  end(): void {
    this.skip();
    if (this.position < this.text.length) this.fail("text after the value");
  }

  private object(depth: number): JsonObject {
    const object: Record<string, JsonValue> = Object.create(null);
    this.position += 1;
    if (this.accept("}")) return object;
    do {
      this.skip();
      const name = this.string();
      if (name in object) this.fail(`member ${JSON.stringify(name)} twice`);
      this.expect(":");
      object[name] = this.value(depth + 1);
    } while (this.accept(","));
    this.expect("}");
    return object;
  }

  private array(depth: number): JsonValue[] {
    const array: JsonValue[] = [];
    this.position += 1;
    if (this.accept("]")) return array;
    do {
      array.push(this.value(depth + 1));
    } while (this.accept(","));
    this.expect("]");
    return array;
  }

  private string(): string {
    if (this.text[this.position] !== '"') this.fail("no string where one is wanted");
    const end = this.closingQuote();
    const literal = this.text.slice(this.position, end + 1);
    try {
      const value: string = JSON.parse(literal);
      this.position = end + 1;
      return value;
    } catch {
      return this.fail("a control character or an unknown escape in the string");
    }
  }

  /** The first quotation mark behind the opening one that no backslash escapes. */
  private closingQuote(): number {
    let end = this.position;
    for (;;) {
      end = this.text.indexOf('"', end + 1);
      if (end < 0) this.fail("no end of the string");
      let backslashes = 0;
      while (this.text[end - 1 - backslashes] === "\\") backslashes += 1;
      if (backslashes % 2 === 0) return end;
    }
  }

  private scalar(): JsonValue {
    const text = this.match(word) ?? this.match(number) ?? this.fail("no value where one is wanted");
    return JSON.parse(text);
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const text = pattern.exec(this.text)?.[0];
    if (text !== undefined) this.position += text.length;
    return text;
  }

  private skip(): void {
    // Documents of machines are mostly without blanks: one comparison instead of a search.
    if (this.text.charCodeAt(this.position) <= 0x20) this.match(blank);
  }

  private accept(character: string): boolean {
    this.skip();
    if (this.text[this.position] !== character) return false;
    this.position += 1;
    return true;
  }

  private expect(character: string): void {
    if (!this.accept(character)) this.fail(`no "${character}" where one is wanted`);
  }

  private fail(problem: string): never {
    throw new SyntaxError(`${problem}, at offset ${this.position}`);
  }
}
