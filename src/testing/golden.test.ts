import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { assertGolden } from "./golden.ts";

const folder = pathToFileURL(`${mkdtempSync(join(tmpdir(), "tspip-golden-"))}/`);
after(() => rmSync(folder, { recursive: true }));

test("assertGolden() accepts the same bytes and nothing else", () => {
  const file = new URL("output.txt", folder);
  writeFileSync(file, "one\n");
  assertGolden("one\n", file, { update: false });
  assert.throws(() => assertGolden("one", file, { update: false }), /UPDATE_GOLDEN=1/);
  assert.throws(() => assertGolden("one\r\n", file, { update: false }), /UPDATE_GOLDEN=1/);
});

test("assertGolden() refuses when there is no golden file", () => {
  assert.throws(() => assertGolden("", new URL("absent.txt", folder), { update: false }), /There is no golden file/);
});

test("assertGolden() writes the file, with its folder, when updating", () => {
  const file = new URL("deep/er/output.txt", folder);
  assertGolden("new\n", file, { update: true });
  assert.equal(readFileSync(file, "utf8"), "new\n");
});
