import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../testing/fast-check.ts";
import { decodeBase64, decodeBase64Url } from "./base64.ts";

test("decodeBase64() reads what Buffer writes", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(decodeBase64(Buffer.from(bytes).toString("base64")), Buffer.from(bytes));
    }),
  );
});

for (const [what, text] of [
  ["no padding", "YQ"],
  ["too much padding", "YWI=="],
  ["spare bits that are not zero", "YR=="],
  ["a line break", "YWJj\nYWJj"],
  ["a blank", " YWJj"],
  ["the URL alphabet", "-_-_"],
  ["characters outside of the alphabet", "YW!j"],
  ["text behind the padding", "YQ==YQ=="],
] as const) {
  test(`decodeBase64() refuses ${what}`, () => {
    assert.equal(decodeBase64(text), undefined);
  });
}

test("decodeBase64Url() reads what Buffer writes", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(decodeBase64Url(Buffer.from(bytes).toString("base64url")), Buffer.from(bytes));
    }),
  );
});

for (const [what, text] of [
  ["padding", "YQ=="],
  ["spare bits that are not zero", "YR"],
  ["a line break", "YWJj\nYWJj"],
  ["the standard alphabet", "+/+/"],
] as const) {
  test(`decodeBase64Url() takes no text with ${what}`, () => {
    assert.equal(decodeBase64Url(text), undefined);
  });
}
