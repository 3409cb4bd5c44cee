import { basename, dirname, join, sep } from "node:path";
import type { Environment } from "../environment/environment.ts";
import { isBelow, type Settler } from "./settle.ts";

/** Folders and files of tspip's own in an environment have names that begin with it. */
export const ownPrefix = ".tspip-";

const interpreterName = /^(?:python|pypy)\d*(?:\.\d+)*w?(?:\.exe)?$/i;
const activationName = /^(?:activate(?:[._].*)?|deactivate(?:\..*)?|activate_this\.py)$/i;

/**
 * Tells why a settled path belongs to the environment itself, so that no distribution may bring it or, by naming it in
 * its RECORD, have it removed; undefined for any other path.
 */
export type WhyProtected = (path: string) => string | undefined;

export function protectionOf({ root, schemes, interpreter }: Environment, settler: Settler): WhyProtected {
  const scripts = settler.folder(schemes.scripts);
  const configuration = join(settler.folder(root), "pyvenv.cfg");
  const executable = settler.path(interpreter.executable);
  const sites = [schemes.purelib, schemes.platlib].map(settler.folder);
  const standardLibrary = settler.folder(interpreter.standardLibrary);
  return (path) => {
    const name = basename(path);
    if (path.split(sep).some((part) => part.startsWith(ownPrefix))) return "has a name that tspip keeps for itself";
    if (path === configuration) return "is what makes the folder a virtual environment";
    if (path === executable || (dirname(path) === scripts && interpreterName.test(name)))
      return "has the name of the interpreter";
    if (dirname(path) === scripts && activationName.test(name)) return "has a name of the virtual environment's own";
    if (isBelow(standardLibrary, path) && !sites.some((site) => isBelow(site, path)))
      return "lies in the standard library";
    return undefined;
  };
}
