import assert from "node:assert/strict";
import { test } from "node:test";
import { printable, printableJson } from "./terminal.ts";

test("printable() leaves no part of a password, also where nobody escaped what is in it", () => {
  assert.equal(printable("at https://user:p@ss@e.example/x, a@b"), "at https://***@e.example/x, a@b");
  assert.equal(printable("git+https://e.example/a/b@v1.0"), "git+https://e.example/a/b@v1.0");
  const said = { url: 'https://user:p@"ss@e.example/', other: "https://u:p\\@ss@e.example/" };
  assert.doesNotMatch(printableJson(JSON.stringify(said)), /user|u:p|@ss/);
});

test("printable() shows what nobody sees", () => {
  for (const invisible of ["\u200b", "\u3164", "\uffa0", "\u115f", "\u034f", "\u{e0100}", "\u{e0041}", "\u009b"])
    assert.equal(printable(`a${invisible}b`), `a\\u{${invisible.codePointAt(0)?.toString(16)}}b`);
  assert.equal(printable("⚠️ ü 漢"), "⚠️ ü 漢");
});
