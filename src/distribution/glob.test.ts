import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../testing/fast-check.ts";
import { globMatches } from "./glob.ts";

test("globMatches() agrees with the regular expression it stands for", () => {
  const glob = fc.string({ unit: fc.constantFrom("a", "b", "-", "*"), maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 10 });
  fc.assert(
    fc.property(glob, text, (pattern, name) => {
      const expression = new RegExp(`^${pattern.replaceAll("*", ".*")}$`);
      assert.equal(globMatches(pattern, name), expression.test(name));
    }),
    { numRuns: 2000 },
  );
});
