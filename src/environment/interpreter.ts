import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { MarkerEnvironment } from "../distribution/marker.ts";
import type { InterpreterTagFacts } from "../distribution/tags.ts";
import { EnvironmentError, messageOf } from "../errors.ts";
import type { SchemeKey } from "../wheel/placement.ts";
import { interpreterFactsScript } from "./interpreter-facts.ts";

/** What a Python interpreter says of itself and of the environment it belongs to. Plain data, to be kept as JSON. */
export interface Interpreter {
  /** As the interpreter knows itself: what scripts of its environment begin with. */
  readonly executable: string;
  /** Major and minor. */
  readonly version: readonly [number, number];
  /** Differs from `basePrefix` in a virtual environment. */
  readonly prefix: string;
  readonly basePrefix: string;
  /** The part of the names of compiled modules that says who can read them (PEP 3147); absent where none are kept. */
  readonly cacheTag?: string;
  readonly schemes: Schemes;
  /** The per-user place (PEP 370): its top folder and schemes. */
  readonly user: { readonly base: string; readonly schemes: Schemes };
  /** The schemes below another prefix, which `@prefix@` stands for. */
  readonly prefixSchemes: Schemes;
  /** The folder of the standard library, which site-packages may lie in. */
  readonly standardLibrary: string;
  readonly tags: InterpreterTagFacts;
  readonly markers: MarkerEnvironment;
  /** Set where the distributor manages the environment (PEP 668): what it wants users to be told. */
  readonly externallyManaged?: string;
}

/** An absolute folder for each scheme key (sysconfig, "installation paths"). */
export type Schemes = Readonly<Record<SchemeKey, string>>;

/** sysconfig's installation paths by their keys. */
type Paths = Readonly<Record<string, string>>;

/** What the script prints, see interpreter-facts.ts. */
export interface InterpreterFacts {
  readonly executable: string;
  readonly version: readonly [number, number];
  readonly prefix: string;
  readonly basePrefix: string;
  readonly cacheTag: string | null;
  readonly paths: Paths;
  readonly userBase: string;
  readonly userPaths: Paths;
  /** Each begins with `@prefix@`. */
  readonly prefixPaths: Paths;
  readonly tags: { readonly [key in keyof InterpreterTagFacts]?: InterpreterTagFacts[key] | null };
  readonly markers: MarkerEnvironment;
}

const timeLimitMs = 20_000;

/**
 * Starts an interpreter once, isolated, and asks what it is. No code of its environment runs.
 * @param executable a path, or a name to be found on PATH
 * @param env of the caller: PATH and what the dynamic loader needs are handed on, nothing else
 * @throws EnvironmentError `no-interpreter`
 */
export async function askInterpreter(
  executable: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Interpreter> {
  const facts = await runFacts(executable, env);
  const externallyManaged =
    facts.prefix === facts.basePrefix ? await distributorsWord(facts.paths.stdlib ?? "") : undefined;
  return {
    executable: facts.executable,
    version: facts.version,
    prefix: facts.prefix,
    basePrefix: facts.basePrefix,
    ...(facts.cacheTag !== null && { cacheTag: facts.cacheTag }),
    schemes: schemesOf(facts.paths, facts),
    user: { base: facts.userBase, schemes: sharedSchemes(facts.userPaths) },
    prefixSchemes: sharedSchemes(facts.prefixPaths),
    standardLibrary: facts.paths.stdlib ?? "",
    tags: tagFacts(facts),
    markers: facts.markers,
    ...(externallyManaged !== undefined && { externallyManaged }),
  };
}

const handedOn = [
  "PATH",
  "LD_LIBRARY_PATH",
  "DYLD_LIBRARY_PATH",
  "SYSTEMROOT",
  "HOME",
  "USERPROFILE",
  "APPDATA",
  "PYENV_VERSION",
  "PYENV_ROOT",
  "PYTHONUSERBASE",
];

/** The variables that an interpreter needs to start, and no others of the caller's. */
export function interpreterEnv(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    handedOn.flatMap((name): [string, string][] => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
}

async function runFacts(
  executable: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<InterpreterFacts> {
  try {
    // Most commands remember what the interpreter said, and need no child.
    const { execFile } = await import("node:child_process");
    const { stdout } = await promisify(execFile)(executable, ["-I", "-S", "-X", "utf8", "-c", interpreterFactsScript], {
      env: interpreterEnv(env),
      timeout: timeLimitMs,
      encoding: "utf8",
      maxBuffer: 1 << 20,
    });
    return JSON.parse(stdout);
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    const why = code === "ENOENT" ? "there is no such program" : stderr?.trim().split("\n").at(-1) || messageOf(error);
    throw new EnvironmentError("no-interpreter", `Cannot ask the Python interpreter "${executable}": ${why}`, {
      cause: error,
      hint: "Name a Python 3.8 or newer with --python",
    });
  }
}

function tagFacts({ tags, version }: InterpreterFacts): InterpreterTagFacts {
  const known = Object.entries(tags).filter(([, value]) => value !== null && value !== undefined);
  return { ...Object.fromEntries(known), version } as InterpreterTagFacts;
}

/** sysconfig has no place for headers of distributions; in a virtual environment pip uses this one, whatever the Python. */
function schemesOf(paths: Paths, { prefix, basePrefix, version }: InterpreterFacts): Schemes {
  const schemes = sharedSchemes(paths);
  if (prefix === basePrefix) return schemes;
  return { ...schemes, headers: join(prefix, "include", "site", `python${version.join(".")}`) };
}

function sharedSchemes(paths: Paths): Schemes {
  const path = (key: string) => paths[key] ?? "";
  return {
    purelib: path("purelib"),
    platlib: path("platlib"),
    scripts: path("scripts"),
    data: path("data"),
    headers: path("include"),
  };
}

/** PEP 668: the file EXTERNALLY-MANAGED beside the standard library, INI with a text for the user. */
async function distributorsWord(stdlib: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(join(stdlib, "EXTERNALLY-MANAGED"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    return "";
  }
  const lines = /^Error\s*=\s*([\s\S]*?)(?=^\S|(?![\s\S]))/m.exec(text)?.[1] ?? "";
  return lines.replace(/\n[ \t]+/g, "\n").trim();
}
