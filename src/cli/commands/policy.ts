import { expiredExceptions } from "../../policy/waive.ts";
import type { PolicyCheckOptions, PolicyShowOptions } from "../command-line/policy.ts";
import { exitCodes, isMistake } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { renderError } from "../render/error.ts";
import { counted } from "../render/words.ts";
import { policyInForce } from "../settings/policy-in-force.ts";
import { printableLine } from "../terminal.ts";

/** `tspip policy check`: reads each file, names every mistake in it, and goes on to the next. */
export async function policyCheck(files: readonly string[], options: PolicyCheckOptions, host: Host): Promise<number> {
  const named = files.length > 0 ? files : [options.policy];
  let exitCode: number = exitCodes.done;
  for (const file of named) {
    try {
      const { source, policy } = await policyInForce(file, host);
      host.stdout.write(`${printableLine(source)}: valid, ${counted(policy.rules.length, "rule")}\n`);
      for (const { id, owner } of expiredExceptions(policy, host.now()))
        host.stderr.write(`warning: ${printableLine(`${source}: exception "${id}" has expired (${owner})`)}\n`);
    } catch (error) {
      if (!isMistake(error, host)) throw error;
      renderError(error, host);
      exitCode = exitCodes.wrongRequest;
    }
  }
  return exitCode;
}

/** `tspip policy show`: the text of the policy in force, as it is. */
export async function policyShow(options: PolicyShowOptions, host: Host): Promise<number> {
  const { text } = await policyInForce(options.policy, host);
  host.stdout.write(text);
  return exitCodes.done;
}
