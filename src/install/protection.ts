import { basename, dirname, join } from "node:path";
import type { Environment } from "../environment/environment.ts";
import { ownNameProblem, scriptProblem } from "../wheel/protected-paths.ts";
import { isBelow, type Settler } from "./settle.ts";

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
    const ownName = ownNameProblem(path);
    if (ownName !== undefined) return ownName;
    if (path === configuration) return "is what makes the folder a virtual environment";
    if (path === executable) return "is the interpreter";
    if (isBelow(scripts, path) && dirname(path) === scripts && scriptProblem(basename(path)) !== undefined)
      return "is the environment's own";
    if (isBelow(standardLibrary, path) && !sites.some((site) => isBelow(site, path)))
      return "lies in the standard library";
    return undefined;
  };
}
