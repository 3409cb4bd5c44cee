import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFilename, type WheelFilename } from "../distribution/filename.ts";
import { readCases, readText } from "../testing/case.ts";
import { makeWheelOf } from "../testing/wheel-case.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { inspectWheel } from "./inspect-wheel.ts";

/** Every case of testdata/wheel, read from end to end as the gate reads it. */
for (const testCase of readCases(new URL("../../testdata/wheel/", import.meta.url))) {
  test(`${testCase.name}: ${testCase.expect ?? "sound"}`, async () => {
    const { filename, bytes } = makeWheelOf(JSON.parse(readText(testCase, "wheel.json")));
    const { evidence } = await inspectWheel(
      openShared({ kind: "memory", bytes }),
      parseFilename(filename) as WheelFilename,
    );
    const problems = evidence.flatMap((each) => (each.outcome === "invalid" ? each.problems : []));
    const messages = problems.map(({ id, message }) => `${id}: ${message}`).join("\n");
    assert.equal(problems[0]?.id, testCase.expect, messages);
    assert.ok(problems.every(({ message }) => message.length < 1000));
  });
}
