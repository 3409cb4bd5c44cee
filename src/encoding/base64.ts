/**
 * Decodes standard base64 (RFC 4648, section 4): padded, without line breaks, spare bits zero. Anything else is
 * `undefined`, so that every value has one spelling only; `Buffer.from` would skip what it does not know.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

/** The same for base64url without padding (RFC 4648, section 5; RFC 7515, section 2). */
export function decodeBase64Url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}
