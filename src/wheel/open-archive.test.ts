import assert from "node:assert/strict";
import { test } from "node:test";
import { TspipError } from "../errors.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { openArchive } from "./open-archive.ts";

// What an archive can be is in testdata/wheel, read by src/inspect/wheel-cases.test.ts.

test("a source that fails at any read gives an error of ours", async () => {
  const { bytes } = makeWheel();
  for (let failAt = 1; failAt < 20; failAt++) {
    let reads = 0;
    const whole = openShared({ kind: "memory", bytes });
    const failing = {
      size: whole.size,
      read: (position: number, length: number) =>
        ++reads === failAt ? whole.read(bytes.length, 1) : whole.read(position, length),
    };
    const outcome = outcomeOf(() => openArchive(failing));
    assert.ok(outcome === "read" ? reads < failAt : outcome === "archive-unreadable", `read ${failAt}: ${outcome}`);
  }
});

function outcomeOf(action: () => unknown): unknown {
  try {
    action();
    return "read";
  } catch (error) {
    return error instanceof TspipError ? error.code : error;
  }
}
