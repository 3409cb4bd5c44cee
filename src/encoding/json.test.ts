import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../testing/fast-check.ts";
import { type JsonValue, parseJson, parseJsonBytes } from "./json.ts";

test("parseJson() reads what JSON.stringify() writes", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      assert.equal(JSON.stringify(parseJson(text)), JSON.stringify(JSON.parse(text)));
    }),
  );
});

test("parseJson() accepts no text that JSON.parse() refuses", () => {
  const pieces = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    '"\\',
    '"',
    "\\",
    "1",
    "-",
    "0",
    ".",
    "e",
    "true",
    " ",
    "\n",
    "\u0000",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const text = parts.join("");
      if (accepts(() => parseJson(text)))
        assert.ok(
          accepts(() => JSON.parse(text)),
          text,
        );
    }),
    { numRuns: 2000 },
  );
});

for (const [what, text] of [
  ["a member twice", '{"a":1,"a":1}'],
  ["a member twice, spelled differently", '{"a":1,"\\u0061":1}'],
  ["a member twice deep inside", '[{"x":{"a":1,"b":2,"a":3}}]'],
  ["text behind the value", "{} {}"],
  ["a byte order mark", "\ufeff{}"],
  ["an unescaped control character", '"\u0001"'],
  ["an unknown escape", '"\\x"'],
  ["a string without end", '"abc\\"'],
  ["a trailing comma", "[1,]"],
  ["a leading zero", "01"],
  ["nothing", ""],
  ["65 levels", "[".repeat(66) + "]".repeat(66)],
] as const) {
  test(`parseJson() refuses ${what}`, () => {
    assert.throws(() => parseJson(text), SyntaxError);
  });
}

test("parseJson() gives objects no prototype, so that no name is special", () => {
  const value = parseJson('{"__proto__":{"polluted":1},"constructor":2}') as Record<string, JsonValue>;
  assert.deepEqual(Object.keys(value), ["__proto__", "constructor"]);
  assert.equal(Object.getPrototypeOf(value), null);
  assert.equal("polluted" in {}, false);
});

test("parseJson() takes time linear in a string of backslashes and quotation marks", () => {
  const text = `"${"\\\\".repeat(500_000)}${'\\"'.repeat(500_000)}"`;
  assert.equal((parseJson(text) as string).length, 1_000_000);
});

test("parseJsonBytes() refuses bytes that are not UTF-8", () => {
  assert.throws(() => parseJsonBytes(Buffer.from([0x22, 0xff, 0x22])), SyntaxError);
  assert.equal(parseJsonBytes(Buffer.from('"\u00e9"')), "\u00e9");
});

function accepts(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}
