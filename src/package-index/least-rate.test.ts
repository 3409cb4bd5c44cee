import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { atLeastRate } from "./least-rate.ts";

async function* body(pieces: number, bytes: number, everyMs: number) {
  for (let at = 0; at < pieces; at++) {
    await sleep(everyMs);
    yield Buffer.alloc(bytes);
  }
}

test("atLeastRate() ends what comes too slowly over a stretch, and nothing else", async () => {
  const read = async (pieces: AsyncIterable<Buffer>, pauseMs = 0) => {
    let length = 0;
    for await (const chunk of atLeastRate(pieces, 200, ({ bytes, ms }) => new Error(`${bytes} in ${ms >= 200}`))) {
      length += chunk.length;
      if (pauseMs > 0) await sleep(pauseMs);
    }
    return length;
  };
  await assert.rejects(read(body(100, 1, 30)), /^Error: [1-7] in true$/);
  assert.equal(await read(body(15, 500, 30)), 7500);
  assert.equal(await read(body(3, 1, 10)), 3, "short of a stretch");
  assert.equal(await read(body(5, 1, 10), 100), 5, "what the reader takes for itself does not count");
  // Much at first buys no time afterwards.
  const fading = async function* () {
    yield* body(1, 1_000_000, 210);
    yield* body(100, 1, 30);
  };
  await assert.rejects(read(fading()), /^Error: [1-7] in true$/);
});
