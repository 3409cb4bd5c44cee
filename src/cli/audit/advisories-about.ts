import { resolve } from "node:path";
import { type Advisory, readAdvisories } from "../../audit/advisories.ts";
import type { Installed } from "../../environment/installed.ts";
import { messageOf, UsageError } from "../../errors.ts";
import type { Host } from "../host.ts";
import { counted } from "../render/words.ts";
import type { Talk } from "../terminal.ts";

/** Those of a folder that are about what is installed. @throws UsageError `no-advisories` when the folder has none: nothing found would mean nothing */
export function advisoriesAbout(
  installed: readonly Installed[],
  folder: string,
  talk: Talk,
  { cwd }: Host,
): readonly Advisory[] {
  const names = new Set(installed.map(({ name }) => name));
  try {
    const { advisories, read, unreadable } = readAdvisories(resolve(cwd, folder), names);
    if (read === 0) throw new Error("there is no advisory in it");
    if (unreadable.length > 0)
      talk.warn(`${counted(unreadable.length, "file")} in "${folder}" cannot be read as an advisory`);
    return advisories;
  } catch (error) {
    throw new UsageError("no-advisories", `Cannot use the advisories in "${folder}": ${messageOf(error)}`, {
      hint: "Name a folder of JSON files in OSV format, as osv.dev exports them for PyPI",
    });
  }
}
