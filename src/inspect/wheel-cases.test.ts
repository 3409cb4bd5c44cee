import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { parseFilename, type WheelFilename } from "../distribution/filename.ts";
import { readCases, readText, type TestCase } from "../testing/case.ts";
import { makeWheelOf } from "../testing/wheel-case.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { inspectWheel } from "./inspect-wheel.ts";

const hasNotice = ({ folder }: TestCase) => existsSync(new URL("notice", folder));

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
    const notices = evidence.flatMap((each) => ("notices" in each ? each.notices : []));
    assert.deepEqual(
      notices.map(({ id }) => id),
      hasNotice(testCase) ? [readText(testCase, "notice")] : [],
    );
    assert.ok(problems.every(({ message }) => message.length < 1000));
  });
}
