/** The day in UTC, as messages show it: 2026-11-21. @param moment milliseconds since 1970 */
export function day(moment: number | Date): string {
  return new Date(moment).toISOString().slice(0, 10);
}
