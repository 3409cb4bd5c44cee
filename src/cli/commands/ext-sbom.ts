import { resolve } from "node:path";
import { scanInstalled } from "../../environment/scan.ts";
import { createSbom } from "../../sbom/bom.ts";
import { environmentsToRead } from "../environments.ts";
import { exitCodes } from "../exit-code.ts";
import { writeOut } from "../format.ts";
import type { Host } from "../host.ts";
import type { ExtSbomOptions } from "../program.ts";
import { sourceDate } from "../source-date.ts";
import { createTalk } from "../terminal.ts";
import { version } from "../version.ts";

/** `tspip ext sbom`: the SBOM of environments, by their files; nothing of them is run. */
export async function extSbom(options: ExtSbomOptions, host: Host): Promise<number> {
  const talk = createTalk(options, host);
  const environments = await environmentsToRead(options, host);
  const [first] = environments;
  if (first === undefined) return exitCodes.done;
  const { installed, unreadable } = await scanInstalled(environments.flatMap(({ sites }) => sites));
  for (const { path, reason } of unreadable) talk.warn(`"${path}" cannot be read: ${reason}`);
  const timestamp = sourceDate(host);
  const sbom = createSbom(installed, {
    toolVersion: version,
    markers: first.markers,
    environment: environments.map(({ label }) => label).join(", "),
    specVersion: options.specVersion,
    isComplete: unreadable.length === 0,
    ...(timestamp && { timestamp }),
  });
  if (options.output === undefined) host.stdout.write(sbom);
  else await writeOut(resolve(host.cwd, options.output), sbom);
  return exitCodes.done;
}
