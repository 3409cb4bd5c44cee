import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../../errors.ts";
import type { CompletionOptions } from "../command-line/upkeep.ts";
import { exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { commandTree } from "../reference/command-tree.ts";
import { completionScript, shells } from "../reference/completion.ts";

/**
 * `tspip completion --bash`, as `pip completion --bash`: prints the script for a shell to read.
 * @param program with all of its commands
 */
export async function completion(
  options: CompletionOptions,
  program: CommandUnknownOpts,
  { stdout }: Host,
): Promise<number> {
  const [shell, ...others] = shells.filter((name) => options[name] === true);
  if (shell === undefined || others.length > 0)
    throw new UsageError("invalid-arguments", "One shell has to be named: --bash, --zsh or --fish");
  stdout.write(completionScript(shell, commandTree(program)));
  return exitCodes.done;
}
