import { collisionKey } from "./member-path.ts";

/** Names that begin so are tspip's own: the lock of an environment, and journals, which it follows at its next start. */
export const ownPrefix = ".tspip-";

/** The interpreter by all its names, and what it reads beside itself before anything else: path file, library, modules. */
const interpreterFile = /^(?:python|pypy)(?:w|\d[\d.]*[tw]?)?(?:_d)?(?:\.(?:exe|dll|zip|_pth))?$/;

/** What shells run to enter or leave an environment (venv, virtualenv). */
const activationScript = /^(?:activate(?:[._].*)?|deactivate(?:\..*)?)$/;

/** The standard library of an interpreter, as a folder or a zip file, which Python prefers to the folder. */
const standardLibrary = /^lib(?:64)?\/(?:(?:python|pypy)\d[^/]*\/(?!(?:site|dist)-packages\/)|python\d+t?\.zip$)/;

/**
 * Why nothing of a wheel may arrive at `path` in the scripts folder: the file says what the environment is, or is run
 * in the belief that it is the interpreter. That a file is there already is found when installing; this holds as well
 * where none is yet.
 */
export function scriptProblem(path: string): string | undefined {
  const name = collisionKey(path);
  if (interpreterFile.test(name)) return "would be taken for the interpreter or a part of it";
  if (activationScript.test(name)) return "would be run to activate the environment";
  return name === "pyvenv.cfg" ? "would say which interpreter the environment belongs to" : undefined;
}

/** As `scriptProblem`, for a path in the folder of the environment itself. */
export function dataProblem(path: string): string | undefined {
  const key = collisionKey(path);
  const script = /^(?:bin|scripts)\/(?<name>[^/]+)$/.exec(key)?.groups?.name;
  if (script !== undefined || !key.includes("/")) return scriptProblem(script ?? key) ?? linkProblem(key);
  return standardLibrary.test(key) ? "would be a part of the standard library" : undefined;
}

/** venv makes `lib64` a link to `lib`; a file there would be found instead. */
function linkProblem(key: string): string | undefined {
  return key === "lib64" ? "would take the place of a folder of the environment" : undefined;
}

/** As `scriptProblem`, for a path in any scheme: all of them may lie inside an environment. */
export function ownNameProblem(path: string): string | undefined {
  // Most paths have no name that begins with a dot, and no other character becomes a dot in a key.
  if (!path.startsWith(".") && !path.includes("/.")) return undefined;
  const isOwn = `/${collisionKey(path)}`.includes(`/${ownPrefix}`);
  return isOwn ? "has a name that tspip keeps for itself" : undefined;
}
