import type { Location, Locator, Path, Span } from "../locate.ts";

/**
 * Scans a JSON document for the places of its members and elements. The document must be valid JSON: it was parsed
 * before, and this scanner only looks where things begin and end.
 */
export function locateJson(text: string): Locator {
  const places = new Map<string, Location>();
  scanValue(text, 0, [], undefined, places);
  return (path) => {
    for (let depth = path.length; depth >= 0; depth -= 1) {
      const place = places.get(JSON.stringify(path.slice(0, depth)));
      if (place !== undefined) return place;
    }
    return { value: { offset: 0, length: 0 } };
  };
}

const blank = /[ \t\r\n]*/y;
const string = /"(?:[^"\\]|\\.)*"/y;
const scalar = /[^,\]}\s]*/y;

/** Notes the value at `offset` and everything in it. @returns the offset behind it */
function scanValue(
  text: string,
  offset: number,
  path: Path,
  key: Span | undefined,
  places: Map<string, Location>,
): number {
  const start = behind(blank, text, offset);
  const end =
    text[start] === "{" || text[start] === "["
      ? scanItems(text, start, path, places)
      : behind(text[start] === '"' ? string : scalar, text, start);
  places.set(JSON.stringify(path), { ...(key && { key }), value: { offset: start, length: end - start } });
  return end;
}

function scanItems(text: string, start: number, path: Path, places: Map<string, Location>): number {
  const isObject = text[start] === "{";
  let position = behind(blank, text, start + 1);
  for (let at = 0; !/[\]}]/.test(text[position] ?? "]"); at += 1) {
    position = isObject
      ? scanMember(text, position, path, places)
      : scanValue(text, position, [...path, at], undefined, places);
    position = behind(blank, text, position);
    if (text[position] === ",") position = behind(blank, text, position + 1);
  }
  return position + 1;
}

function scanMember(text: string, start: number, path: Path, places: Map<string, Location>): number {
  const end = behind(string, text, start);
  const name = String(JSON.parse(text.slice(start, end)));
  const colon = behind(blank, text, end);
  return scanValue(text, colon + 1, [...path, name], { offset: start, length: end - start }, places);
}

/** The offset behind `pattern`, which is sticky, where it stands at `offset`. */
function behind(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : offset;
}
