import { dirname, relative, resolve } from "node:path";
import { messageOf, PolicyFileError } from "../../errors.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import { formatPins, type Pin, type Pins, parsePins, withPins } from "../../policy/pins.ts";
import type { Policy, PolicyRule } from "../../policy/policy.ts";
import type { Host } from "../host.ts";
import { bytesOf } from "../read-text.ts";
import { writeOut } from "../report/format.ts";

/**
 * `policy` with what its pins files hold. A file that does not exist holds nothing yet; one that cannot be read is an
 * error, as in silence everything would be new.
 * @param folder where the paths begin that the policy has
 * @throws PolicyFileError
 */
export async function withPinsFiles(policy: Policy, folder: string, host: Host): Promise<Policy> {
  const paths = new Set(rulesOf(policy).flatMap(({ continuity }) => continuity?.pins ?? []));
  if (paths.size === 0) return policy;
  const read = async (path: string) => [path, await readPins(resolve(folder, path), path, host)] as const;
  return { ...policy, pins: new Map(await Promise.all([...paths].map(read))) };
}

async function readPins(path: string, name: string, host: Host): Promise<Pins> {
  let text: string;
  try {
    text = (await bytesOf(path, host)).toString("utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw new PolicyFileError("invalid-pins", `Cannot read the pins "${name}": ${messageOf(error)}`, { cause: error });
  }
  return parsePins(text, name);
}

/**
 * Adds to the pins files what `pinOf` says of each artifact, for which its rule names a file. A file in which nothing
 * changes is left alone.
 * @returns the files that were written, as the user would name them
 */
export async function writePins(
  judged: readonly Judged[],
  policy: Policy,
  folder: string,
  host: Host,
  pinOf: (rule: PolicyRule, judged: Judged) => Pin | undefined,
): Promise<string[]> {
  const added = judged.flatMap((each) => {
    const rule = rulesOf(policy).find(({ name }) => name === each.verdict.rule);
    const pin = rule && pinOf(rule, each);
    return rule?.continuity === undefined || pin === undefined ? [] : [{ path: rule.continuity.pins, pin }];
  });
  const written: string[] = [];
  for (const [path, entries] of Map.groupBy(added, (entry) => entry.path)) {
    const before = policy.pins?.get(path) ?? new Map();
    const text = formatPins(
      withPins(
        before,
        entries.map(({ pin }) => pin),
      ),
    );
    if (text === formatPins(before)) continue;
    const target = resolve(folder, path);
    await writeOut(target, text);
    written.push(relative(host.cwd, target) || target);
  }
  return written;
}

/** Where paths in a policy begin. */
export function policyFolder(path: string | undefined, host: Host): string {
  return path === undefined ? host.cwd : dirname(path);
}

function rulesOf({ default: base, rules }: Policy): readonly PolicyRule[] {
  return [base, ...rules];
}
