import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ClientCommand, folderWords, programAt } from "../../clients/client.ts";
import { namedScript } from "../../clients/locks-first.ts";
import { runChild } from "../child.ts";
import { exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { fromHere, metadataOfScript, projectFolder } from "./project-files.ts";

/**
 * Whether the lock of `uv … --locked` is up to date: that of the script, if it is one with dependencies of its own, else that of the
 * project. Where there is neither, `--locked` means nothing to uv. uv is asked with the user's own indexes; it reads metadata, builds
 * nothing and installs nothing.
 */
export async function isLockUpToDate(command: ClientCommand, host: Host): Promise<boolean> {
  const script = await scriptOf(command, host);
  if (script === undefined && !(await isInProject(command, host))) return true;
  const own = Object.fromEntries(
    Object.entries(host.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const about = script === undefined ? [] : ["--script", script];
  const asked = [...command.start, ...folderWords(command), "lock", "--check", ...about];
  return (await runChild(asked, { ...own, UV_NO_BUILD: "1" }, host)) === exitCodes.done;
}

async function scriptOf(command: ClientCommand, host: Host): Promise<string | undefined> {
  const script = namedScript(command);
  if (script === undefined) return undefined;
  const places = fromHere(script, command, host);
  const metadata = await Promise.all(places.map((file) => metadataOfScript(file, host)));
  return metadata.some((text) => text !== undefined) ? script : undefined;
}

async function isInProject(command: ClientCommand, host: Host): Promise<boolean> {
  if (command.words.slice(0, programAt(command)).includes("--no-project")) return false;
  return existsSync(join(await projectFolder(command, host), "pyproject.toml"));
}
