import { join } from "node:path";
import { type ChainLink, chainOf, type LockedDigests } from "../../audit/chain.ts";
import type { Facts } from "../../audit/facts.ts";
import { digestOf } from "../../distribution/digest.ts";
import { normalizeProjectName } from "../../distribution/project-name.ts";
import type { Installed } from "../../environment/installed.ts";
import { readIfRegular } from "../../environment/read-file.ts";
import { UsageError } from "../../errors.ts";
import type { AuditOptions } from "../command-line/environment.ts";
import { exitCodes } from "../exit-code.ts";
import { readLock } from "../gate/requested-lock.ts";
import type { Host } from "../host.ts";
import { type Paint, painter, printableJson, printableLine } from "../terminal.ts";

interface Chain {
  readonly name: string;
  readonly version: string;
  readonly environment: string;
  readonly links: readonly ChainLink[];
}

/**
 * `tspip audit --chain NAME`: everything that is known between the request for a distribution and its files.
 * @throws UsageError `no-such-distribution`, `invalid-format`
 */
export async function showChain(
  name: string,
  facts: readonly Facts[],
  options: AuditOptions,
  host: Host,
): Promise<number> {
  const [format = "text", ...others] = options.format ?? [];
  if (others.length > 0 || (format !== "text" && format !== "json"))
    throw new UsageError("invalid-format", "A chain is printed as text or json");
  const wanted = normalizeProjectName(name);
  const locked = await lockedDigests(wanted, options, host);
  const chains = facts.flatMap((each) =>
    each.installed
      .filter((installed) => installed.name === wanted)
      .map((installed) => ({
        name: installed.name,
        version: installed.version,
        environment: each.environment.label,
        links: chainOf(installed, each, recordDigest(installed), locked),
      })),
  );
  if (chains.length === 0) throw new UsageError("no-such-distribution", `"${name}" is not installed there`);
  const paint = painter(host.stdout, options.color, host.env);
  host.stdout.write(
    format === "json"
      ? printableJson(`${JSON.stringify({ schema: "tspip-chain/1", chains }, null, 2)}\n`)
      : chains.map((chain) => renderChain(chain, paint)).join("\n"),
  );
  const isBroken = chains.some(({ links }) => links.some(({ state }) => state === "broken"));
  return isBroken ? exitCodes.refused : exitCodes.done;
}

async function lockedDigests(name: string, { lock }: AuditOptions, host: Host): Promise<LockedDigests | undefined> {
  if (lock === undefined) return undefined;
  const { packages } = (await readLock(lock, {}, host)).lock;
  const own = packages.filter((locked) => locked.name === name);
  const pins = own.flatMap(({ files, pins: loose }) => [...files.flatMap((file) => file.pins), ...loose]);
  if (own.length === 0) return undefined;
  return { place: lock, digests: pins.map(({ algorithm, hex }) => `${algorithm}:${hex}`) };
}

function recordDigest({ site, distInfo }: Installed): string | undefined {
  const read = readIfRegular(join(site, distInfo, "RECORD"));
  return read === undefined ? undefined : `sha256:${digestOf(read.bytes)}`;
}

const styles = { verified: "green", recorded: "cyan", absent: "yellow", broken: "red" } as const;

function renderChain({ name, version, environment, links }: Chain, paint: Paint): string {
  const lines = links.map(({ link, state, digest, detail, known_by: known }) => {
    const shown = digest === undefined ? "" : ` ${digest}`;
    return `  ${link.padEnd(12)}${paint(styles[state], state.padEnd(9))}${printableLine(`${shown} ${detail}`)} (${known})`;
  });
  return `${printableLine(`${name} ${version} in "${environment}"`)}\n${lines.join("\n")}\n`;
}
