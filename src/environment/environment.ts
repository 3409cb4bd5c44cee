import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { EnvironmentError, messageOf } from "../errors.ts";
import { askInterpreter, type Interpreter, type Schemes } from "./interpreter.ts";

/** A place that distributions can be installed into, with the interpreter they are for. */
export interface Environment {
  readonly kind: "venv" | "base" | "user" | "prefix" | "target";
  /** As messages name it. */
  readonly label: string;
  readonly interpreter: Interpreter;
  readonly schemes: Schemes;
  /** The top folder, in which a transaction keeps its journal. */
  readonly root: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The virtual environment in `directory`.
 * @throws EnvironmentError when there is none
 */
export async function openVenv(directory: string, env: Env): Promise<Environment> {
  const executable = venvPython(directory, env);
  if (!existsSync(join(directory, "pyvenv.cfg"))) {
    throw new EnvironmentError("not-a-venv", `"${directory}" is no virtual environment: it has no pyvenv.cfg`);
  }
  const interpreter = await askInterpreter(executable, env);
  return { kind: "venv", label: directory, interpreter, schemes: interpreter.schemes, root: interpreter.prefix };
}

/** Whether `directory` is a virtual environment, can become one, or is something else. */
export async function venvState(directory: string): Promise<"venv" | "absent" | "other"> {
  if (existsSync(join(directory, "pyvenv.cfg"))) return "venv";
  try {
    return (await readdir(directory)).length === 0 ? "absent" : "other";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "absent";
    return "other";
  }
}

/**
 * Makes a virtual environment without pip (PEP 405).
 * @param base the interpreter it is made from
 * @throws EnvironmentError `cannot-make-venv`
 */
export async function makeVenv(directory: string, base: Interpreter, env: Env): Promise<Environment> {
  try {
    const { execFile } = await import("node:child_process");
    await promisify(execFile)(base.executable, ["-I", "-m", "venv", "--without-pip", directory], { timeout: 120_000 });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new EnvironmentError(
      "cannot-make-venv",
      `Cannot make a virtual environment in "${directory}": ${stderr?.trim() || messageOf(error)}`,
      { cause: error },
    );
  }
  return openVenv(directory, env);
}

/** The environment an interpreter belongs to: a virtual one, or its own installation. */
export function environmentOf(interpreter: Interpreter): Environment {
  const { prefix, basePrefix, schemes } = interpreter;
  if (prefix !== basePrefix) return { kind: "venv", label: prefix, interpreter, schemes, root: prefix };
  // An installation may be spread over file systems, and its prefix not be the user's to write.
  return { kind: "base", label: prefix, interpreter, schemes, root: schemes.purelib };
}

/**
 * The user's own place beside an installation (PEP 370, pip's `--user`).
 * @throws EnvironmentError `no-user-site` in a virtual environment, which does not look there
 */
export function openUserSite(interpreter: Interpreter): Environment {
  const { user, prefix, basePrefix } = interpreter;
  if (prefix !== basePrefix)
    throw new EnvironmentError(
      "no-user-site",
      `"${prefix}" is a virtual environment, which sees no per-user packages`,
      {
        hint: "Leave --user out to install into it",
      },
    );
  return { kind: "user", label: user.base, interpreter, schemes: user.schemes, root: user.base };
}

/** An installation below another folder, with the layout of the interpreter's own (pip's `--prefix`). */
export function openPrefix(directory: string, interpreter: Interpreter): Environment {
  const root = resolve(directory);
  const below = Object.entries(interpreter.prefixSchemes).map(([key, path]) => [
    key,
    path.replace("@prefix@", () => root),
  ]);
  const schemes = Object.fromEntries(below) as Schemes;
  return { kind: "prefix", label: directory, interpreter, schemes, root };
}

/** A folder of importable packages (pip's `--target`): scripts go to its `bin`, data beside them. */
export function openTarget(directory: string, interpreter: Interpreter): Environment {
  const root = resolve(directory);
  const schemes = {
    purelib: root,
    platlib: root,
    scripts: join(root, "bin"),
    headers: join(root, "include"),
    data: root,
  };
  return { kind: "target", label: directory, interpreter, schemes, root };
}

/** @throws EnvironmentError `externally-managed`, with the distributor's own words (PEP 668) */
export function checkNotManaged({ kind, interpreter }: Pick<Environment, "kind" | "interpreter">): void {
  if (!(kind === "base" || kind === "user") || interpreter.externallyManaged === undefined) return;
  const words = interpreter.externallyManaged === "" ? "" : `\n${interpreter.externallyManaged}`;
  throw new EnvironmentError(
    "externally-managed",
    `The environment of "${interpreter.executable}" is managed by its distributor${words}`,
    {
      hint: "Name a virtual environment with --venv DIR; --break-system-packages writes into this one anyway",
    },
  );
}

/** Where the interpreter of a virtual environment is. */
export function venvPython(directory: string, env: Env): string {
  return env.OS === "Windows_NT" ? join(directory, "Scripts", "python.exe") : join(directory, "bin", "python");
}
