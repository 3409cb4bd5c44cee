import { spawn } from "node:child_process";
import { EnvironmentError, messageOf, UsageError } from "../errors.ts";
import type { Host } from "./host.ts";

/** Numbers of signals that a command may end by; a shell says 128 and the number. */
const signalNumbers: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGTERM: 15,
};

/**
 * Runs a command with our streams to its end, and passes an interruption on to it.
 * @returns its exit code, 128 and the signal's number where it ended by one
 * @throws UsageError `no-such-program`, EnvironmentError `cannot-run`
 */
export function runChild(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  host: Host,
): Promise<number> {
  const [program = "", ...args] = command;
  const streams = host.sharesStreams === true ? "inherit" : "pipe";
  const child = spawn(program, args, { cwd: host.cwd, env, stdio: ["inherit", streams, streams] });
  child.stdout?.on("data", (chunk: Buffer) => host.stdout.write(chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => host.stderr.write(chunk.toString()));
  // From a terminal both get the signal; sent to us alone, it is the command's as well.
  const passOn = () => void child.kill("SIGTERM");
  host.signal.addEventListener("abort", passOn, { once: true });
  return new Promise((resolve, reject) => {
    child.once("error", (error) => {
      host.signal.removeEventListener("abort", passOn);
      const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT";
      if (isAbsent) reject(new UsageError("no-such-program", `There is no program "${program}"`));
      else reject(new EnvironmentError("cannot-run", `Cannot run "${program}": ${messageOf(error)}`, { cause: error }));
    });
    child.once("close", (code, signal) => {
      host.signal.removeEventListener("abort", passOn);
      resolve(code ?? 128 + (signalNumbers[signal ?? "SIGTERM"] ?? 15));
    });
  });
}
