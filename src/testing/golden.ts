import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Asserts that `actual` is what the golden file holds, to the byte. With UPDATE_GOLDEN set, the file is written
 * instead, and the diff is the review. Nothing is normalised here: what varies has to be fixed where it is made.
 */
export function assertGolden(actual: string, file: URL, { update = isUpdating() }: { update?: boolean } = {}): void {
  const path = fileURLToPath(file);
  if (update) {
    mkdirSync(new URL("./", file), { recursive: true });
    writeFileSync(path, actual);
    return;
  }
  assert.ok(existsSync(path), `There is no golden file "${path}": run with UPDATE_GOLDEN=1 to write it`);
  assert.equal(
    actual,
    readFileSync(path, "utf8"),
    `Differs from "${path}": if that is meant, run with UPDATE_GOLDEN=1`,
  );
}

/** `UPDATE_GOLDEN=1`; empty and `0` are as good as unset. */
function isUpdating(): boolean {
  return !["", "0", undefined].includes(process.env.UPDATE_GOLDEN);
}
