import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { type ClientCommand, everyCommand, programAt } from "../../clients/client.ts";
import { envFiles, pdmScriptVariables, waysAroundInEnvFile } from "../../clients/env-files.ts";
import type { WayAround } from "../../clients/ways-around.ts";
import type { Host } from "../host.ts";
import { fromHere, isFile, projectFolder, readTable } from "./project-files.ts";

/** What files of variables hold that an installer reads after it was told by its environment where to go. */
export async function waysAroundInEnvFiles(command: ClientCommand, host: Host): Promise<WayAround[]> {
  return (await Promise.all(everyCommand(command).map((each) => waysAroundInFilesOf(each, host)))).flat();
}

async function waysAroundInFilesOf(command: ClientCommand, host: Host): Promise<WayAround[]> {
  const folder = await projectFolder(command, host);
  const isPdmRun = command.client === "pdm" && programAt(command) !== undefined;
  const pdm = isPdmRun ? pdmScriptVariables(await readTable(join(folder, "pyproject.toml"))) : undefined;
  const read = [...envFiles(command, host.env), ...(pdm?.files ?? [])].flatMap((one) => {
    const paths = one.isBesideProject ? [resolve(folder, one.file)] : fromHere(one.file, command, host);
    return paths.map((path) => waysAroundIn(resolve(host.cwd, path), one.overrides, host));
  });
  return [...(pdm?.found ?? []), ...(await Promise.all(read)).flat()];
}

async function waysAroundIn(path: string, overrides: boolean, { cwd }: Host): Promise<WayAround[]> {
  const place = relative(cwd, path);
  if (await isFile(path)) return waysAroundInEnvFile(await readFile(path, "utf8"), place, overrides);
  if (!existsSync(path) || (await stat(path)).isDirectory()) return [];
  return [
    { what: place, place: "the command line", why: "cannot be read beforehand, and may lead installers elsewhere" },
  ];
}
