import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../../errors.ts";

/**
 * That `path` is a folder, or can become one: it need not be there; what is there of it must be folders.
 * @param act what cannot be done else: `install into "site"`
 * @throws UsageError `invalid-target`
 */
export function checkIsFolder(path: string, act: string): void {
  const found = nearest(path);
  if (statSync(found).isDirectory()) return;
  const what = found === path ? "it is no folder" : `"${found}" is no folder`;
  throw new UsageError("invalid-target", `Cannot ${act}: ${what}`, {
    hint: "Name a folder that is there, or one that can be made",
  });
}

function nearest(path: string): string {
  return existsSync(path) ? path : nearest(dirname(path));
}
