import { didYouMean } from "../did-you-mean.ts";
import type { TableReader } from "../table-reader.ts";

/** What several parts of a case have. */

export function knownWord<const Word extends string>(
  table: TableReader,
  key: string,
  text: string,
  words: readonly Word[],
  at: number,
): Word | undefined {
  const word = words.find((known) => known === text);
  if (word !== undefined) return word;
  // Of the dozens of findings, a list says no more than their page does.
  const wanted = words.length > 10 ? "the id of a finding" : words.map((known) => `"${known}"`).join(" | ");
  return table.wrong(key, `"${key}" holds "${text}", expected ${wanted}${didYouMean(text, words)}`, at);
}

/** RFC 3339, 5.6, or the date alone, which is its beginning in UTC. */
export function parseTime(table: TableReader, key: string): string | undefined {
  const text = table.text(key);
  if (text === undefined) return undefined;
  const isFormed = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?$/.test(text);
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  // Date takes 30 February for 2 March.
  const isDay = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10));
  if (isFormed && isDay && !Number.isNaN(new Date(text).getTime())) return text;
  return table.wrong(key, `"${key}" is "${text}", expected a date, or a time such as "2026-11-21T12:00:00Z"`);
}

export function required(table: TableReader, key: string, why: string): string | undefined {
  if (!table.has(key)) return table.missing(key, why);
  return table.text(key);
}
