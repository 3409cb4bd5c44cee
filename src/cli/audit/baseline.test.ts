import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { temporaryFolder } from "../../testing/tree.ts";
import { readBaseline } from "./baseline.ts";

const finding = { id: "file-changed", severity: "warning", message: "a.py is not what RECORD says", hint: "" } as const;

test("a baseline is a report: what is in it is known, wherever it stands there", async () => {
  const artifacts = [{ findings: [{ ...finding, message: "of an artifact" }] }, 3];
  const isKnown = await baseline(JSON.stringify({ findings: [finding, null], artifacts }));
  assert.ok(isKnown(finding));
  assert.ok(isKnown({ ...finding, message: "of an artifact" }));
  assert.ok(!isKnown({ ...finding, message: "another" }));
});

test("a baseline that is JSON and no report is a mistake, which is said so", async () => {
  for (const text of ["null", "[]", "{}", '{"findings": []}', '{"findings": {}, "artifacts": []}'])
    await assert.rejects(baseline(text), {
      code: "invalid-baseline",
      message: 'Cannot read the baseline "known.json": it is no JSON report of tspip',
    });
});

async function baseline(text: string) {
  using folder = temporaryFolder();
  writeFileSync(`${folder.path}/known.json`, text);
  return await readBaseline("known.json", { cwd: folder.path, signal: new AbortController().signal });
}
