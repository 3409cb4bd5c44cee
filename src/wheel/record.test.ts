import assert from "node:assert/strict";
import { test } from "node:test";
import { messageOf } from "../errors.ts";
import fc from "../testing/fast-check.ts";
import { parseRecord } from "./record.ts";

/** What it makes of a text: rows, or its message. */
function reading(text: string): unknown {
  try {
    return parseRecord(text);
  } catch (error) {
    return messageOf(error);
  }
}

test("parseRecord() reads lines that end in LF as it reads those that end in CRLF", () => {
  const field = fc.oneof(
    fc.constantFrom("", "a/b.py", "sha256=abc", "sha256", "=", "12", "x", "a b"),
    fc.string({ unit: fc.constantFrom("a", ",", "=", "1", " ", "é") }),
  );
  const line = fc.array(field, { minLength: 0, maxLength: 5 }).map((fields) => fields.join(","));
  const lines = fc.oneof(
    fc.array(line, { maxLength: 6 }),
    fc.array(fc.tuple(fc.constantFrom("a", "b/c"), fc.constantFrom("", "sha256=x"), fc.constantFrom("", "3")), {
      maxLength: 6,
    }),
  );
  fc.assert(
    fc.property(lines, fc.boolean(), (rows, isEnded) => {
      const text = (end: string) => rows.join(end) + (isEnded ? end : "");
      assert.deepEqual(reading(text("\n")), reading(text("\r\n")));
    }),
  );
});

test("parseRecord() refuses more rows than a wheel has files", () => {
  assert.match(String(reading("a,,\n".repeat(250_001))), /more rows/);
  assert.equal(parseRecord("a,,\n".repeat(250_000)).length, 250_000);
});
