import { isAbsolute } from "node:path";

/**
 * The folder that a variable names, as the XDG base directory specification has it: a relative path counts as none. It would lie in the
 * working directory, which may be anybody's.
 */
export function baseFolder(variable: string | undefined, otherwise: string): string {
  return variable !== undefined && isAbsolute(variable) ? variable : otherwise;
}
