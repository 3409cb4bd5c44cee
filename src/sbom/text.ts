/** Ample for a summary, a name or a header field; what is longer is an accident or an attack. */
const maxLength = 4096;

/** Text from METADATA, cut visibly where it is too long for a document that people read. */
export function clipped(text: string): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength).toWellFormed()}…`;
}

/**
 * Whether a text has no character from U+007F on. Most have none, and to make the classes of Unicode for a pattern takes
 * longer than to describe a hundred distributions.
 */
export function isPlainAscii(text: string): boolean {
  return !/[\u007f-\uffff]/.test(text);
}
