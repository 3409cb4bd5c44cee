import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { EnvironmentError, messageOf, UsageError } from "../errors.ts";
import type { Host } from "./host.ts";

type Environment = Readonly<Record<string, string>>;

/**
 * Runs a command with our streams to its end, and passes an interruption on to it.
 * @returns its exit code, 128 and the signal's number where it ended by one
 * @throws UsageError `no-such-program`, EnvironmentError `cannot-run`
 */
export async function runChild(command: readonly string[], env: Environment, host: Host): Promise<number> {
  const child = startChild(command, env, host);
  // From a terminal both get the signal; sent to us alone, it is the command's as well.
  const passOn = () => void child.kill("SIGTERM");
  host.signal.addEventListener("abort", passOn, { once: true });
  try {
    return await exitCodeOf(child, command);
  } finally {
    host.signal.removeEventListener("abort", passOn);
  }
}

/** What a terminal sends to the command itself as well. */
const fromTerminal: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGQUIT"]);

/**
 * Runs a command in our place: every signal is its own to answer, and we end when it ends.
 * @returns and throws as `runChild` does
 */
export async function runInPlace(command: readonly string[], env: Environment, host: Host): Promise<number> {
  const child = startChild(command, env, host);
  using _ = host.holdSignals?.((signal) => {
    if (!(host.stderr.isTTY && fromTerminal.has(signal))) child.kill(signal);
  });
  return await exitCodeOf(child, command);
}

function startChild([program = "", ...args]: readonly string[], env: Environment, host: Host): ChildProcess {
  const streams = host.sharesStreams === true ? "inherit" : "pipe";
  const child = spawn(program, args, { cwd: host.cwd, env, stdio: ["inherit", streams, streams] });
  child.stdout?.on("data", (chunk: Buffer) => host.stdout.write(chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => host.stderr.write(chunk.toString()));
  return child;
}

function exitCodeOf(child: ChildProcess, [program = ""]: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (error) => {
      const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT";
      if (isAbsent)
        reject(new UsageError("no-such-program", `There is no program "${program}"`, { hint: whereFrom(program) }));
      else reject(new EnvironmentError("cannot-run", `Cannot run "${program}": ${messageOf(error)}`, { cause: error }));
    });
    // A shell says 128 and the signal's number.
    child.once("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
  });
}

function whereFrom(program: string): string {
  if (program === "uv") return "Install uv, or take a verified one: tspip bootstrap --tool uv --venv DIR";
  if (program === "pip") return "Type tspip pip in place of tspip run -- pip: it brings a verified pip";
  return "Install it, or put its folder on PATH";
}
