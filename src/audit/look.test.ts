import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { makeCompiled } from "../testing/make-compiled.ts";
import { createLooker } from "./look.ts";
import type { RecordedState, RecordedTask } from "./recorded-state.ts";

const folder = mkdtempSync(join(tmpdir(), "tspip-look-"));
after(() => rmSync(folder, { recursive: true }));

/** More than one reading takes, in files that have to be read in pieces. */
const longer = 600_000;

for (const threads of [1, 3])
  test(`createLooker(${threads}) says of each file what became of it, in the order of the files`, async () => {
    const wanted: RecordedState[] = [];
    const tasks = Array.from({ length: 700 }, (_, at): RecordedTask => {
      const path = join(folder, `${threads}-${at}`);
      const bytes = Buffer.alloc(at % 100 === 99 ? longer : at, `${at}`);
      const digest = createHash("sha256").update(bytes).digest("base64url");
      const state = (["changed", "missing", "unhashed", "unreadable"] as const)[at % 10] ?? "same";
      wanted.push(state);
      if (state === "unreadable") mkdirSync(path);
      else if (state !== "missing") writeFileSync(path, state === "changed" ? `${at} and more` : bytes);
      return state === "unhashed" ? [path] : [path, "sha256", digest];
    });
    await using looker = createLooker(threads);
    const looks = [tasks.slice(0, 600), tasks.slice(600)].map((some) => looker.recorded(some));
    const states = [];
    for (const look of looks) states.push(...(await look.finish()));
    assert.deepEqual(states, wanted);
  });

test("createLooker() compares compiled files on other threads as on its own", async () => {
  const path = join(folder, "example.cpython-313.pyc");
  const source = join(folder, "example.py");
  writeFileSync(source, "known = 1\n");
  writeFileSync(path, makeCompiled(["strange"], { kind: "unchecked-hash", hash: 0n }));
  await using looker = createLooker(2);
  const states = await looker.compiled(Array.from({ length: 600 }, () => ({ path, source }))).finish();
  assert.equal(states.length, 600);
  assert.deepEqual([...new Set(states.map(({ state }) => state))], ["foreign"]);
});
