import { type ClientCommand, everyCommand } from "../../clients/client.ts";
import { isUnguidable } from "../../clients/locks-first.ts";
import { waysAroundInCommand, waysAroundInEnvironment } from "../../clients/ways-around.ts";
import { UsageError } from "../../errors.ts";
import type { Host } from "../host.ts";
import type { Talk } from "../terminal.ts";
import { waysAroundInEnvFiles } from "./ways-around-in-env-files.ts";
import { waysAroundInFiles } from "./ways-around-in-files.ts";

/** What the user types can be mended at once, so it is an error, and so is what would undo our own variables; what else stands in files is said. */
export async function refuseWaysAround(command: ClientCommand, talk: Talk, host: Host): Promise<void> {
  const [typed] = [...waysAroundInCommand(command, host.env), ...(await waysAroundInEnvFiles(command, host))];
  if (typed !== undefined) {
    throw new UsageError(
      "leads-around-gate",
      `${typed.place}: "${typed.what}" leads around the gate: it ${typed.why}`,
      {
        hint:
          typed.hint ??
          "Give indexes to tspip itself (tspip run --index-url URL -- …); install from URLs with tspip install URL",
      },
    );
  }
  if (everyCommand(command).some(isUnguidable)) {
    throw new UsageError(
      "leads-around-gate",
      "poetry cannot be pointed to another index, and this command of it asks one",
      {
        hint: "Let poetry write its lock file alone (poetry lock, poetry add --lock), then: tspip run -- poetry install",
      },
    );
  }
  const others = [...waysAroundInEnvironment(command, host.env), ...(await waysAroundInFiles(command, host))];
  for (const { what, place, why } of others) talk.warn(`${place}: "${what}" ${why}`);
  if (command.unknown !== undefined)
    talk.warn(
      `tspip does not know "${command.unknown}": installers that it starts get the address of the gate from their environment, but tspip does not see their options`,
    );
}
