import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/**
 * The interpreter behind the `python3` on PATH: what stands there may be the script of a version manager, which looks for it
 * anew each time and takes thrice as long, or that of an active environment. Empty where there is none.
 */
export function findPython(): string {
  try {
    const script = "import sys; print(getattr(sys, '_base_executable', sys.executable))";
    return execFileSync("python3", ["-c", script], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}

/** PATH, with the folder of `python` before the first one that has a `python3`, and behind all that come before that one. */
export function pathTo(python: string, path: string): string {
  const folders = path.split(delimiter);
  const at = folders.findIndex((folder) => existsSync(join(folder, "python3")));
  return folders.toSpliced(Math.max(at, 0), 0, dirname(python)).join(delimiter);
}
