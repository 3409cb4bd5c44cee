import assert from "node:assert/strict";
import { test } from "node:test";
import { parseToml } from "./toml.ts";

function refuse(place: string, why: string): never {
  throw new RangeError(`file.toml${place}: ${why}`);
}

test("parseToml() reads a table, and says on one line what is wrong and where", () => {
  assert.deepEqual({ ...parseToml('a = "b"', refuse) }, { a: "b" });
  const mistake = { name: "RangeError", message: /^file\.toml:2:\d+: Invalid TOML document: [^\n]+$/ };
  assert.throws(() => parseToml("a = 1\nb = \n", refuse), mistake);
});
