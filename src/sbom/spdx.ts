import { fixupSpdxId } from "@cyclonedx/cyclonedx-library/SPDX";
import parseExpression from "spdx-expression-parse";

/** The longest that somebody has use for; the parser recurses, and is fed by strangers. */
const maxLength = 1000;

/** An SPDX licence identifier as the SPDX list spells it, whatever the case of `text`; nothing when it is none. */
export function spdxId(text: string): string | undefined {
  const id: unknown = fixupSpdxId(text);
  // The library looks the text up in a plain object, so "constructor" finds a function.
  return typeof id === "string" ? id : undefined;
}

/**
 * A licence expression with its identifiers and operators spelt as SPDX has them, which PEP 639 leaves to the reader
 * ("case-insensitive"); nothing when it is not valid.
 */
export function spdxExpression(text: string): string | undefined {
  if (text.length > maxLength) return undefined;
  const expression = text
    .trim()
    .replace(/\s+/g, " ")
    .replace(/[\w.:+-]+/g, canonicalTerm);
  try {
    parseExpression(expression);
    return expression;
  } catch {
    return undefined;
  }
}

function canonicalTerm(term: string): string {
  if (/^(?:and|or|with)$/i.test(term)) return term.toUpperCase();
  const id = spdxId(term);
  if (id !== undefined) return id;
  const earlier = term.endsWith("+") ? spdxId(term.slice(0, -1)) : undefined;
  return earlier === undefined ? term : `${earlier}+`;
}
