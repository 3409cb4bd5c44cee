import { parse } from "smol-toml";

/** Keys and array positions from the root of a TOML document. */
export type Path = readonly (string | number)[];

/** A stretch of the text, in UTF-16 code units. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

export interface Location {
  /** Absent for elements of arrays. */
  readonly key?: Span;
  /** For a table with a header of its own, the last key of the header. */
  readonly value: Span;
}

/** Finds where a key stands, or the nearest table around it that is written down. */
export type Locator = (path: Path) => Location;

/**
 * Scans a TOML document for the places of its keys and values. The document must be valid TOML: it was parsed before,
 * and this scanner only looks where things begin and end.
 */
export function locate(text: string): Locator {
  // Only a mistake asks for places, and most policies have none.
  let places: ReadonlyMap<string, Location> | undefined;
  return (path) => {
    places ??= new Scanner(text).scan();
    for (let depth = path.length; depth > 0; depth -= 1) {
      const place = places.get(placeKey(path.slice(0, depth)));
      if (place !== undefined) return place;
    }
    return { value: { offset: 0, length: 0 } };
  };
}

function placeKey(path: Path): string {
  return JSON.stringify(path);
}

/** Deeper keys than any policy has are placed at their first parts: paths stay short, whatever the file holds. */
const keyPartsKept = 8;

interface KeyPart {
  readonly name: string;
  readonly span: Span;
}

const blank = /[ \t\r\n]*(?:#[^\n]*[ \t\r\n]*)*/y;
const bareKey = /[A-Za-z0-9_-]+/y;
const quotedKey = /"(?:[^"\\]|\\.)*"|'[^']*'/y;
const dot = /[ \t]*\.[ \t]*/y;
const string = /"""(?:[^\\]|\\[\s\S])*?"{3,5}|'''[\s\S]*?'{3,5}|"(?:[^"\\]|\\.)*"|'[^']*'/y;
const scalar = /[^,\]}#\r\n]*/y;

class Scanner {
  private readonly text: string;
  private readonly places = new Map<string, Location>();
  /** How many tables each array of tables has so far. */
  private readonly lengths = new Map<string, number>();
  private position = 0;

  constructor(text: string) {
    this.text = text;
  }

  scan(): ReadonlyMap<string, Location> {
    let table: Path = [];
    for (this.skip(blank); this.position < this.text.length; this.skip(blank)) {
      if (this.take("[[")) {
        table = this.header(this.key(), true);
        this.take("]]");
      } else if (this.take("[")) {
        table = this.header(this.key(), false);
        this.take("]");
      } else {
        this.keyValue(table);
      }
    }
    return this.places;
  }

  /** The path that a header opens: in an array of tables, it goes on with the last one. */
  private header(parts: readonly KeyPart[], isArray: boolean): Path {
    let path: Path = [];
    parts.forEach(({ name, span }, at) => {
      path = [...path, name];
      const key = placeKey(path);
      const length = this.lengths.get(key);
      if (isArray && at === parts.length - 1) {
        this.lengths.set(key, (length ?? 0) + 1);
        this.note(path, { key: span, value: span });
        path = [...path, length ?? 0];
      } else if (length !== undefined) {
        path = [...path, length - 1];
      }
      this.note(path, { key: span, value: span });
    });
    return path;
  }

  private keyValue(table: Path): void {
    let path = table;
    const parts = this.key();
    for (const { name, span } of parts) {
      path = [...path, name];
      this.note(path, { key: span, value: span });
    }
    this.skip(/[ \t]*=[ \t]*/y);
    const start = this.position;
    const value = this.value(path);
    const last = parts.at(-1);
    if (last !== undefined) this.places.set(placeKey(path), { key: last.span, value });
    // Valid TOML always moves on; anything else must not keep us here.
    if (this.position === start) this.position += 1;
  }

  private value(path: Path): Span {
    const offset = this.position;
    if (this.take("[")) {
      this.items("]", (at) => this.note([...path, at], { value: this.value([...path, at]) }));
    } else if (this.take("{")) {
      this.items("}", () => this.keyValue(path));
    } else if (!this.skip(string)) {
      this.skip(scalar);
      return { offset, length: this.text.slice(offset, this.position).trimEnd().length };
    }
    return { offset, length: this.position - offset };
  }

  private items(end: string, item: (at: number) => void): void {
    for (let at = 0; this.position < this.text.length; at += 1) {
      this.skip(blank);
      if (this.take(end)) return;
      item(at);
      this.skip(blank);
      this.take(",");
    }
  }

  private key(): KeyPart[] {
    const parts: KeyPart[] = [];
    do {
      this.skip(/[ \t]*/y);
      const offset = this.position;
      if (!this.skip(bareKey)) this.skip(quotedKey);
      if (parts.length === keyPartsKept) continue;
      const span = { offset, length: this.position - offset };
      parts.push({ name: keyName(this.text.slice(offset, this.position)), span });
    } while (this.skip(dot));
    this.skip(/[ \t]*/y);
    return parts;
  }

  private note(path: Path, location: Location): void {
    const key = placeKey(path);
    if (!this.places.has(key)) this.places.set(key, location);
  }

  private take(token: string): boolean {
    if (!this.text.startsWith(token, this.position)) return false;
    this.position += token.length;
    return true;
  }

  /** Moves past `pattern` (sticky) and says whether it was there. */
  private skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text);
    if (found === null) return false;
    this.position += found[0].length;
    return true;
  }
}

/** The name that a bare or quoted key means; quoting has escapes, which the parser knows. */
function keyName(key: string): string {
  if (!/^["']/.test(key)) return key;
  return Object.keys(parse(`${key} = 0`))[0] ?? "";
}
