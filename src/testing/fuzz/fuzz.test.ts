import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz } from "./fuzz.ts";
import { fuzzedParsers } from "./parsers.ts";

/** The same few documents each time; `npm run fuzz` takes others, and a million of them. */
const runs = 300;

for (const [name, parser] of Object.entries(fuzzedParsers)) {
  test(`the ${name} parser reads bent documents or refuses them with its own error`, async () => {
    const failure = await fuzz(parser, runs, 20261121, Number.POSITIVE_INFINITY);
    assert.equal(failure && `${failure.problem}: ${failure.bytes.toString("base64")}`, undefined);
  });
}

test("a parser that throws another error, or takes too long, is found", async () => {
  const seeds = [Buffer.from("seed")];
  const broken = await fuzz({ seeds, parse: () => (undefined as unknown as string).length }, 10, 1);
  assert.match(broken?.problem ?? "", /TypeError/);
  const slow = await fuzz({ seeds, parse: () => undefined }, 10, 1, -1);
  assert.match(slow?.problem ?? "", /ms$/);
});
