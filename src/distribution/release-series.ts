import type { Version } from "./version.ts";

/**
 * The series that a release belongs to, as a text that is equal within one: what begins with the same number. Releases
 * are compared within a series, so that a back-port is not held against what came in a newer one.
 */
export function releaseSeries({ epoch, release }: Version): string {
  return `${epoch}!${release[0]}`;
}
