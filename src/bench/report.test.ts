import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Outcome } from "./harness.ts";
import { line, withTable } from "./report.ts";

const page = "# Page\n\n<!-- npm run bench writes this table -->\n<!-- to here -->\n\nAfter.\n";
const on = (day: string) => ({ day, machine: "one processor, 3 rounds" });
const usage = { seconds: 1, cpu: 1.5, memory: 80.4 };
const outcome = (name: string, more: Partial<Outcome> = {}): Outcome => ({
  name,
  bar: 0.5,
  ratios: [0.3, 0.4, 0.6],
  median: 0.4,
  ours: usage,
  peer: { ...usage, seconds: 2.5 },
  twin: "refused",
  ...more,
});

test("withTable() writes a row for each case, and a later run replaces its own rows only", () => {
  const first = withTable(page, [outcome("one"), outcome("two", { twin: "none" })], on("2026-01-01"));
  const row =
    "| one | 0.50 | 0.40 (0.30 to 0.60) | 1.00 s, 1.50 s CPU, 80 MB | 2.50 s, 1.50 s CPU, 80 MB | refused | 2026-01-01 | met |";
  assert.ok(first.includes(`\n${row}\n| two | 0.50 |`), first);
  assert.match(first, /^The last run, 2026-01-01: one processor, 3 rounds\.$/m);
  assert.ok(first.endsWith("<!-- to here -->\n\nAfter.\n"));
  const second = withTable(first, [outcome("two", { median: 0.51 })], on("2026-02-02"));
  assert.ok(second.includes(row));
  assert.equal(second.match(/^\| two /gm)?.length, 1);
  assert.match(second, /^\| two .* 2026-02-02 \| \*\*missed\*\* \|$/m);
  assert.throws(() => withTable("# Page\n", [], on("2026-01-01")), /no place/);
});

test("a case is met when its ratio and its memory are within their bars", () => {
  assert.match(line(outcome("a", { memoryBar: 80 })), /bar 0\.50, memory bar 80 MB MISSED/);
  assert.match(line(outcome("a", { memoryBar: 81 })), / met; /);
  assert.match(line(outcome("a", { median: 0.5001 })), /MISSED/);
});

test("a case without a bar is told and not judged", () => {
  const { bar, ...told } = outcome("a");
  assert.match(line(told), /^a: 0\.40 \(0\.30 to 0\.60\), no bar; /);
  assert.match(withTable(page, [told], on("2026-01-01")), /^\| a \| – \| 0\.40 .* \| 2026-01-01 \| – \|$/m);
});

test("docs/benchmarks.md has the place for the table", () => {
  const written = readFileSync(new URL("../../docs/benchmarks.md", import.meta.url), "utf8");
  assert.match(withTable(written, [outcome("a new case")], on("2026-01-01")), /^\| a new case /m);
});
