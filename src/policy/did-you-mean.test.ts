import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../testing/fast-check.ts";
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

test("editDistance() is what its definition says", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 5 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      assert.equal(editDistance(a, b), defined(a, b));
    }),
  );
});

/** Optimal string alignment, written down as it is defined. */
function defined(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const [aRest, bRest] = [a.slice(1), b.slice(1)];
  const isSwapped = a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0];
  return Math.min(
    defined(aRest, b) + 1,
    defined(a, bRest) + 1,
    defined(aRest, bRest) + (a[0] === b[0] ? 0 : 1),
    ...(isSwapped ? [defined(a.slice(2), b.slice(2)) + 1] : []),
  );
}

test("didYouMean() lets one letter of a short word be wrong, and a third of a long one", () => {
  assert.equal(didYouMean("of", ["if"]), '; did you mean "if"?');
  assert.equal(didYouMean("of", ["is"]), "");
  assert.equal(didYouMean("threshhodl", ["threshold"]), '; did you mean "threshold"?');
  assert.equal(didYouMean("abcdef", ["abxyzf"]), "");
});
