/** One parser of what comes from outside. */
export interface FuzzedParser {
  readonly seeds: readonly Buffer[];
  parse(bytes: Buffer): unknown;
  /** Whether the parser says with `error` that it cannot read: TspipError unless its documentation has another. */
  readonly refuses?: (error: unknown) => boolean;
}

/** The readers of DER and JSON throw whatever Error says best what is wrong; a TypeError is a mistake of their own. */
export function anyError(error: unknown): boolean {
  return error instanceof Error && !(error instanceof TypeError);
}

export function text(words: string): Buffer {
  return Buffer.from(words);
}
