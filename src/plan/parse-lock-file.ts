import { UsageError } from "../errors.ts";
import { type LockTable, readLockTable } from "./lock/lock-table.ts";
import { readPdmLock } from "./lock/pdm-lock.ts";
import { readPipfileLock } from "./lock/pipfile-lock.ts";
import { readPoetryLock } from "./lock/poetry-lock.ts";
import { readPylock } from "./lock/pylock.ts";
import { readUvLock } from "./lock/uv-lock.ts";
import type { LockFile, LockReader } from "./lock-file.ts";

/** The kinds of lock files, told apart by what stands in them: the name of a file may be anything. */
const kinds: readonly (readonly [name: string, isIt: (root: LockTable) => boolean, read: LockReader])[] = [
  ["pylock.toml", (root) => root.has("lock-version"), readPylock],
  ["Pipfile.lock", (root) => root.has("_meta"), readPipfileLock],
  ["pdm.lock", (root) => root.table("metadata").some((metadata) => metadata.has("lock_version")), readPdmLock],
  ["poetry.lock", (root) => root.table("metadata").some((metadata) => metadata.has("lock-version")), readPoetryLock],
  ["uv.lock", (root) => root.has("version"), readUvLock],
];

/**
 * Reads a lock file: pylock.toml (PEP 751), uv.lock, poetry.lock, pdm.lock or Pipfile.lock.
 * @param path absolute: it names the file in messages, and relative paths in the file start from it
 * @throws UsageError `invalid-lock-file`, naming the file and the place in it
 */
export function parseLockFile(text: string, path: string): LockFile {
  const root = readLockTable(text, path);
  const fitting = kinds.filter(([, isIt]) => isIt(root));
  // Tools pass over what they do not know: each would install another list, and only one of them was judged.
  if (fitting.length > 1) root.fail(`it is a lock file of several kinds: ${fitting.map(([name]) => name).join(", ")}`);
  const [, , read] = fitting[0] ?? [];
  if (read !== undefined) return read(root, text);
  throw new UsageError("invalid-lock-file", `${path}: it is no lock file that tspip knows`, {
    hint: "tspip reads pylock.toml, uv.lock, poetry.lock, pdm.lock and Pipfile.lock",
  });
}
