import assert from "node:assert/strict";
import type { Host } from "../cli/host.ts";
import { run } from "../cli/run.ts";
import { testProcesses } from "./processes.ts";

/** What a command said, and how it ended. */
export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one command line in `cwd`, which is also the home, without the configuration of whoever runs the tests.
 * @param more what is to be otherwise
 */
export async function typeCommand(
  cwd: string,
  argv: readonly string[],
  { env, ...more }: Partial<Host> = {},
): Promise<Answer> {
  const [stdout, stderr] = [capture(), capture()];
  const exitCode = await run(argv, {
    env: { PATH: process.env.PATH, PIP_CONFIG_FILE: "/dev/null", ...env },
    cwd,
    homedir: cwd,
    platform: process.platform,
    stdout,
    stderr,
    signal: new AbortController().signal,
    now: () => new Date(),
    processors: 2,
    ...testProcesses,
    ...more,
  });
  assert.doesNotMatch(stderr.text(), /^\s+at /m, "no stack trace");
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function capture() {
  const pieces: string[] = [];
  return { isTTY: false, write: (text: string) => void pieces.push(text), text: () => pieces.join("") };
}
