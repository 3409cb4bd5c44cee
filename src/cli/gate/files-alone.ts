import { UsageError } from "../../errors.ts";
import type { GateRun } from "./gate-run.ts";

/**
 * That what is asked for lies here: what an index has was published by somebody else.
 * @param act what is done with files: `publish`
 * @throws UsageError `not-a-file`
 */
export function checkFilesAlone({ request: { plan } }: GateRun, act: string): void {
  const [asked] = plan.requirements;
  if (asked === undefined) return;
  const { name, url } = asked.requirement;
  throw new UsageError("not-a-file", `Cannot ${act} "${url ?? name}": it is no file of this machine`, {
    hint: "Name wheels and source distributions, or their folder as ./dist or dist/",
  });
}
