/** A length of time in the words of the file, for messages. */
export interface Duration {
  readonly text: string;
  readonly milliseconds: number;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * Reads a duration (ISO 8601, 4.4.3.2) in weeks, days, hours, minutes and seconds, such as `P3D` or `PT36H`. Years and
 * months are none: they differ in length. Nor are numbers of more digits than anybody means.
 */
export function parseDuration(text: string): Duration | undefined {
  const form = /^P(?=[\dT])(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?$/;
  const [matched, ...numbers] = form.exec(text) ?? [];
  if (matched === undefined) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = numbers.map((digits) => Number(digits ?? 0));
  const milliseconds = (weeks * 7 + days) * day + hours * hour + minutes * minute + seconds * second;
  return { text, milliseconds };
}
