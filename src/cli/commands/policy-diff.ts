import { resolve } from "node:path";
import { UsageError } from "../../errors.ts";
import { comparePins, comparePolicies } from "../../policy/compare.ts";
import { parsePins } from "../../policy/pins.ts";
import type { Change } from "../../policy/policy-change.ts";
import type { PolicyDiffOptions } from "../command-line/policy.ts";
import { exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { readText } from "../read-text.ts";
import { policyInForce } from "../settings/policy-in-force.ts";
import { printableLine } from "../terminal.ts";

/**
 * `tspip policy diff OLD NEW`: what a change of a policy, or of a pins file, means. Exit code 1 says that something is
 * weaker, so that a pull request can ask for another review.
 */
export async function policyDiff(
  older: string,
  newer: string,
  _options: PolicyDiffOptions,
  host: Host,
): Promise<number> {
  const [before, after] = await Promise.all([readFrom(older), readFrom(newer)]);
  const isPins = (text: string) => /^\s*\{/.test(text);
  if (isPins(before) !== isPins(after))
    throw new UsageError("wrong-argument", `"${older}" and "${newer}" are not of one kind`);
  const changes = isPins(before)
    ? comparePins(parsePins(before, older), parsePins(after, newer))
    : comparePolicies((await policyInForce(older, host)).policy, (await policyInForce(newer, host)).policy);
  for (const change of changes) host.stdout.write(`${printableLine(line(change))}\n`);
  if (changes.length === 0) host.stdout.write("No difference in meaning\n");
  return changes.some(({ effect }) => effect === "weaker") ? exitCodes.refused : exitCodes.done;

  function readFrom(file: string): Promise<string> {
    return readText(resolve(host.cwd, file), `"${file}"`, host);
  }
}

function line({ effect, place, text }: Change): string {
  return `${effect.padEnd("stricter".length)}  ${place}: ${text}`;
}
