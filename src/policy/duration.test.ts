import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration } from "./duration.ts";

const hour = 3_600_000;

for (const [text, milliseconds] of [
  ["P3D", 72 * hour],
  ["P1W", 168 * hour],
  ["P1W1D", 192 * hour],
  ["PT36H", 36 * hour],
  ["P1DT2H3M4S", 26 * hour + 184_000],
  ["PT90M", 1.5 * hour],
  ["PT1S", 1000],
  ["P0D", 0],
  ["P99999D", 99_999 * 24 * hour],
] as const) {
  test(`parseDuration() reads ${text}`, () => {
    assert.deepEqual(parseDuration(text), { text, milliseconds });
  });
}

for (const text of [
  "",
  "P",
  "PT",
  "P3",
  "3D",
  "3 days",
  "P1M",
  "P1Y",
  "P-1D",
  "P1.5D",
  "P1DT",
  "p3d",
  "P1D1W",
  "PT1D",
  "P3D ",
  "P100000D",
]) {
  test(`parseDuration() takes "${text}" for none`, () => {
    assert.equal(parseDuration(text), undefined);
  });
}
