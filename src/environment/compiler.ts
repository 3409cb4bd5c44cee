import { spawn } from "node:child_process";
import { once } from "node:events";
import { EnvironmentError, messageOf } from "../errors.ts";
import { type Interpreter, interpreterEnv } from "./interpreter.ts";

/** One module to be compiled; absolute paths. */
export interface CompileTask {
  readonly source: string;
  /** Where the compiled form goes. */
  readonly compiled: string;
  /** Where the source will be: tracebacks name it so. */
  readonly shown: string;
}

/** Compiles modules for one interpreter. */
export interface Compiler {
  /** See Interpreter. */
  readonly cacheTag: string;
  /**
   * Compiles what can be compiled: of a source that is no Python for this interpreter, as templates are not, there is
   * no compiled form afterwards.
   * @throws EnvironmentError `cannot-compile`
   */
  compile(tasks: readonly CompileTask[]): Promise<void>;
}

/** Compiling reads the sources and runs none of them; -S leaves out what runs when Python starts. */
const script = `
import json, py_compile, sys
for task in json.load(sys.stdin):
    try:
        py_compile.compile(task["source"], cfile=task["compiled"], dfile=task["shown"], doraise=True)
    except (py_compile.PyCompileError, UnicodeError, RecursionError, MemoryError):
        pass
`;

/**
 * @param processes how many may work at once
 * @throws EnvironmentError `cannot-compile` when the interpreter keeps no compiled modules
 */
export function createCompiler(
  { executable, cacheTag }: Interpreter,
  env: Readonly<Record<string, string | undefined>>,
  processes: number,
): Compiler {
  if (cacheTag === undefined)
    throw new EnvironmentError("cannot-compile", `"${executable}" keeps no compiled modules`, {
      hint: "Leave --compile out",
    });
  return {
    cacheTag,
    async compile(tasks) {
      const shares = Array.from({ length: processes }, (_, at) => tasks.filter((_, task) => task % processes === at));
      await Promise.all(shares.filter((share) => share.length > 0).map((share) => run(share)));
    },
  };

  async function run(tasks: readonly CompileTask[]): Promise<void> {
    const child = spawn(executable, ["-I", "-S", "-W", "ignore", "-X", "utf8", "-c", script], {
      env: interpreterEnv(env),
      stdio: ["pipe", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000);
    });
    // An interpreter that ends early is told of below.
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify(tasks));
    const [code, signal] = await once(child, "close").catch((error: unknown) => [messageOf(error), null]);
    if (code === 0) return;
    const why = said.trim().split("\n").at(-1) || `it ended with ${signal ?? code}`;
    throw new EnvironmentError("cannot-compile", `"${executable}" cannot compile, nothing was changed: ${why}`);
  }
}
