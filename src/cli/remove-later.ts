import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { lstatSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Host } from "./host.ts";

/** What is called so is of no use to anybody any more. */
const doomedPrefix = "tspip-removed-";

/**
 * Removes a temporary folder with thousands of files, and nobody has to wait for that: it gets another name at once, and a
 * process that outlives this one removes it. What such a process left when it was killed goes with the next folder.
 */
export function removeLater(folder: string, { platform, userId }: Pick<Host, "platform" | "userId">): void {
  const around = dirname(folder);
  const doomed = join(around, `${doomedPrefix}${randomUUID()}`);
  renameSync(folder, doomed);
  // Others may have folders of such a name where everybody's temporary files are.
  const isOwn = (path: string) => userId === undefined || lstatSync(path, { throwIfNoEntry: false })?.uid === userId;
  const left = readdirSync(around).filter((name) => name.startsWith(doomedPrefix));
  const all = new Set([doomed, ...left.map((name) => join(around, name)).filter(isOwn)]);
  if (platform !== "win32" && startRemoving([...all])) return;
  for (const path of all) rmSync(path, { recursive: true, force: true });
}

/** @returns whether there is a program for that */
function startRemoving(paths: readonly string[]): boolean {
  const child = spawn("rm", ["-rf", "--", ...paths], { cwd: "/", detached: true, stdio: "ignore" });
  // That it could not be started shows at once.
  child.on("error", () => {});
  child.unref();
  return child.pid !== undefined;
}
