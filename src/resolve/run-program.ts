import { execFile } from "node:child_process";
import { EnvironmentError, messageOf } from "../errors.ts";

export interface ProgramAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** All of it: nothing else of our environment is handed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

const maxOutputBytes = 64 << 20;

/** Runs a program to its end. @throws EnvironmentError `cannot-run` when it cannot be started or is killed */
export function runProgram(
  program: string,
  args: readonly string[],
  { env, cwd, signal }: ProgramOptions,
): Promise<ProgramAnswer> {
  const options = { env, cwd, signal, encoding: "utf8", maxBuffer: maxOutputBytes, windowsHide: true } as const;
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode === "number") resolve({ exitCode, stdout, stderr });
      else reject(new EnvironmentError("cannot-run", `Cannot run "${program}": ${messageOf(error)}`, { cause: error }));
    });
  });
}
