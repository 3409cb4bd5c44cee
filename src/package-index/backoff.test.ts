import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff, retryAfter } from "./backoff.ts";

const now = Date.parse("2026-11-21T00:00:00Z");

test("backoff() doubles up to four seconds", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 100].map(backoff), [250, 500, 1000, 2000, 4000, 4000, 4000]);
});

test("retryAfter() reads seconds and dates, and obeys no longer than 20 seconds", () => {
  assert.equal(retryAfter("3", now), 3000);
  assert.equal(retryAfter("0", now), 0);
  assert.equal(retryAfter("Sat, 21 Nov 2026 00:00:05 GMT", now), 5000);
  assert.equal(retryAfter("Fri, 20 Nov 2026 00:00:00 GMT", now), 0);
  assert.equal(retryAfter("86400", now), 20_000);
  assert.equal(retryAfter("Sun, 21 Nov 2027 00:00:00 GMT", now), 20_000);
});

test("retryAfter() leaves it to us when the server says nothing that can be read", () => {
  for (const header of [undefined, "", "soon", "-1", "1e9", ["1", "2"]]) {
    const wait = retryAfter(header, now);
    assert.ok(wait === undefined || (wait >= 0 && wait <= 20_000), `${header}: ${wait}`);
  }
  assert.equal(retryAfter("soon", now), undefined);
});
