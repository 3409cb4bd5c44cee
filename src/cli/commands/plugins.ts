import { join } from "node:path";
import { messageOf } from "../../errors.ts";
import type { PluginsOptions } from "../command-line/environment.ts";
import { exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { renderTable } from "../render/table.ts";
import {
  type LocatedInspector,
  locateInspector,
  openPluginEnvironment,
  type PluginEnvironment,
} from "../settings/locate-inspector.ts";
import type { EnabledPlugin, PluginSettings } from "../settings/plugin-settings.ts";
import { projectSettings } from "../settings/project-settings.ts";
import { printableJson } from "../terminal.ts";

/** One line of the list; its keys are those of `--format json`. */
interface ListedPlugin {
  readonly name: string;
  readonly origin: string;
  readonly state: "enabled" | "not enabled" | "broken";
  readonly reason: string;
  /** To be pinned in tspip.toml. */
  readonly sha256?: string;
}

/** `tspip plugins`: the inspectors there are, by their files. None is loaded. */
export async function plugins(options: PluginsOptions, host: Host): Promise<number> {
  const { plugins: settings } = await projectSettings(host);
  // Where tspip.toml names no interpreter, the active environment shows what could be enabled.
  const python = settings.python ?? (host.env.VIRTUAL_ENV ? join(host.env.VIRTUAL_ENV, "bin", "python") : undefined);
  const environment = python === undefined ? undefined : await openPluginEnvironment(python, host);
  const named = settings.python === undefined ? undefined : environment;
  const enabled = await Promise.all(settings.inspectors.map((each) => listEnabled(each, named, host)));
  const listed = [...enabled, ...(await listOthers(settings, environment, host))];
  host.stdout.write(options.format === "json" ? printableJson(`${JSON.stringify(listed, null, 2)}\n`) : render(listed));
  return exitCodes.done;
}

async function listEnabled(
  plugin: EnabledPlugin,
  environment: PluginEnvironment | undefined,
  host: Host,
): Promise<ListedPlugin> {
  const located = await locateInspector(plugin, environment, host);
  const { name, sha256, module = "" } = plugin;
  if (typeof located === "string") return { name, origin: module, state: "broken", reason: located };
  const digest = await digestOrReason(located);
  const shared = { name, origin: located.origin, ...digest };
  if (digest.sha256 === undefined && sha256 !== undefined) return { ...shared, state: "broken", reason: digest.reason };
  if (sha256 !== undefined && sha256 !== digest.sha256)
    return { ...shared, state: "broken", reason: "it is not what sha256 in tspip.toml says" };
  return { ...shared, state: "enabled", reason: "named in tspip.toml" };
}

async function digestOrReason(located: LocatedInspector): Promise<{ sha256?: string; reason: string }> {
  try {
    return { sha256: await located.digest(), reason: "" };
  } catch (error) {
    return { reason: `its files cannot be read: ${messageOf(error)}` };
  }
}

async function listOthers(
  { inspectors }: PluginSettings,
  environment: PluginEnvironment | undefined,
  host: Host,
): Promise<ListedPlugin[]> {
  const isNamed = (name: string) => inspectors.some((each) => each.name === name && each.module === undefined);
  const others = (environment?.inspectors ?? []).filter(({ name }) => !isNamed(name));
  return Promise.all(
    others.map(async ({ name, distribution }): Promise<ListedPlugin> => {
      const located = await locateInspector({ name }, environment, host);
      const sha256 = typeof located === "string" ? {} : { sha256: (await digestOrReason(located)).sha256 ?? "" };
      const reason = typeof located === "string" ? located : "not named in tspip.toml";
      return { name, origin: distribution, state: "not enabled", reason, ...sha256 };
    }),
  );
}

function render(listed: readonly ListedPlugin[]): string {
  if (listed.length === 0) return "There are no inspectors from others\n";
  const rows = listed.map(({ name, origin, state, reason, sha256 = "" }) => [
    name,
    origin,
    `${state}: ${reason}`,
    sha256,
  ]);
  return renderTable(["name", "from", "state", "sha256"], rows);
}
