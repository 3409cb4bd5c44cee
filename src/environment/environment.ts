import { execFile } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { EnvironmentError, messageOf } from "../errors.ts";
import { askInterpreter, type Interpreter, type Schemes } from "./interpreter.ts";

/** A place that distributions can be installed into, with the interpreter they are for. */
export interface Environment {
  readonly kind: "venv" | "base" | "target";
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
  if (!(await isThere(join(directory, "pyvenv.cfg")))) {
    throw new EnvironmentError("not-a-venv", `"${directory}" is no virtual environment: it has no pyvenv.cfg`);
  }
  const interpreter = await askInterpreter(executable, env);
  return { kind: "venv", label: directory, interpreter, schemes: interpreter.schemes, root: interpreter.prefix };
}

/** Whether `directory` is a virtual environment, can become one, or is something else. */
export async function venvState(directory: string): Promise<"venv" | "absent" | "other"> {
  if (await isThere(join(directory, "pyvenv.cfg"))) return "venv";
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
  const kind = interpreter.prefix === interpreter.basePrefix ? "base" : "venv";
  return { kind, label: interpreter.prefix, interpreter, schemes: interpreter.schemes, root: interpreter.prefix };
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
export function checkNotManaged({ kind, interpreter }: Environment): void {
  if (kind !== "base" || interpreter.externallyManaged === undefined) return;
  const words = interpreter.externallyManaged === "" ? "" : `\n${interpreter.externallyManaged}`;
  throw new EnvironmentError(
    "externally-managed",
    `The environment of "${interpreter.executable}" is managed by its distributor${words}`,
    {
      hint: "Install into a virtual environment with --venv DIR; --break-system-packages writes into this one all the same",
    },
  );
}

function venvPython(directory: string, env: Env): string {
  return env.OS === "Windows_NT" ? join(directory, "Scripts", "python.exe") : join(directory, "bin", "python");
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
