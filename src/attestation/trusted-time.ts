/** A moment that somebody trusted has signed for: the log that took the entry, or a timestamp authority. */
export interface TrustedTime {
  /** Milliseconds since 1970. */
  readonly moment: number;
  /** For messages: `the log rekor.sigstore.dev`. */
  readonly source: string;
}

/** The latest moment that a Date can be, in milliseconds since 1970; beyond it, a number is no time. */
export const latestMoment = 8.64e15;

/** A moment, in milliseconds since 1970, as messages write it. */
export function iso(moment: number): string {
  return new Date(moment).toISOString();
}
