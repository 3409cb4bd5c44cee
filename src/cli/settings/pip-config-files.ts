import { join } from "node:path";
import type { ConfigFile } from "../../package-index/settings.ts";
import type { Host } from "../host.ts";
import { bytesOf } from "../read-text.ts";

/**
 * pip's configuration files that are there, from the most general to the most particular: the last to name a setting
 * wins (pip, "configuration files"). A file that PIP_CONFIG_FILE names is the last, and the user's own is then not read;
 * with PIP_CONFIG_FILE=/dev/null none is.
 */
export async function pipConfigFiles(host: Host): Promise<ConfigFile[]> {
  const named = host.env.PIP_CONFIG_FILE;
  if (named === "/dev/null") return [];
  const particular = named ? await readAll([named], host) : [];
  const user = particular.length === 0 ? userFiles(host) : [];
  const active = host.env.VIRTUAL_ENV ? [join(host.env.VIRTUAL_ENV, fileName(host))] : [];
  return [...(await readAll([...globalFiles(host), ...user, ...active], host)), ...particular];
}

function globalFiles({ env, platform }: Host): string[] {
  if (platform === "win32") return [join(env.PROGRAMDATA ?? "C:\\ProgramData", "pip", "pip.ini")];
  const shared = (env.XDG_CONFIG_DIRS || "/etc/xdg").split(":").reverse();
  const folders = platform === "darwin" ? ["/Library/Application Support"] : shared;
  return [...folders.map((folder) => join(folder, "pip", "pip.conf")), "/etc/pip.conf"];
}

/** The older place first. */
function userFiles({ env, homedir, platform }: Host): string[] {
  if (platform === "win32")
    return [join(homedir, "pip", "pip.ini"), ...(env.APPDATA ? [join(env.APPDATA, "pip", "pip.ini")] : [])];
  const configuration = join(env.XDG_CONFIG_HOME || join(homedir, ".config"), "pip", "pip.conf");
  const own = platform === "darwin" ? [join(homedir, "Library", "Application Support", "pip", "pip.conf")] : [];
  return [join(homedir, ".pip", "pip.conf"), configuration, ...own];
}

function fileName({ platform }: Host): string {
  return platform === "win32" ? "pip.ini" : "pip.conf";
}

/** What cannot be read is passed over, as pip does. */
async function readAll(paths: readonly string[], host: Host): Promise<ConfigFile[]> {
  const files: ConfigFile[] = [];
  for (const path of paths) {
    try {
      files.push({ path, text: (await bytesOf(path, host)).toString("utf8") });
    } catch {
      host.signal.throwIfAborted();
    }
  }
  return files;
}
