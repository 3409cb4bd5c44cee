import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { readCases, readText, type TestCase } from "../testing/case.ts";
import { makeWheelOf } from "../testing/wheel-case.ts";
import { judgeWheel } from "../testing/wheel-reading.ts";

const hasNotice = ({ folder }: TestCase) => existsSync(new URL("notice", folder));

/** Every case of testdata/wheel, read from end to end as the gate reads it. */
for (const testCase of readCases(new URL("../../testdata/wheel/", import.meta.url))) {
  test(`${testCase.name}: ${testCase.expect ?? "sound"}`, async () => {
    const answer = await judgeWheel(makeWheelOf(JSON.parse(readText(testCase, "wheel.json"))));
    assert.equal(answer.finding, testCase.expect, answer.messages.join("\n"));
    assert.deepEqual(answer.notices, hasNotice(testCase) ? [readText(testCase, "notice")] : []);
    assert.ok(answer.messages.every((message) => message.length < 1000));
  });
}
