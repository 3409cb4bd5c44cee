import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { didYouMean, editDistance } from "./did-you-mean.ts";

test("didYouMean() suggests the closest word", () => {
  assert.equal(didYouMean("atestation", ["sdist", "attestation"]), '; did you mean "attestation"?');
  assert.equal(didYouMean("HASHES", ["hash", "hashes"]), '; did you mean "hashes"?');
  assert.equal(didYouMean("mdoe", ["mode"]), '; did you mean "mode"?');
});

test("didYouMean() suggests nothing that is far off", () => {
  assert.equal(didYouMean("yes", ["require", "ignore"]), "");
  assert.equal(didYouMean("allow-everything", ["mode", "hashes"]), "");
  assert.equal(didYouMean("x", []), "");
});

test("editDistance() counts edits, a swap of neighbours as one", () => {
  assert.equal(editDistance("kitten", "sitting"), 3);
  assert.equal(editDistance("ab", "ba"), 1);
  assert.equal(editDistance("", "abc"), 3);
  assert.equal(editDistance("same", "same"), 0);
});

test("editDistance() is symmetric and at most the longer length", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
    }),
  );
});
