import { stat } from "node:fs";
import { availableParallelism, homedir, userInfo } from "node:os";
import { isAbsolute } from "node:path";
import { setFlagsFromString } from "node:v8";
import { exitCodes } from "./cli/exit-code.ts";
import { run } from "./cli/run.ts";
import { descriptorOutput } from "./cli/standard-output.ts";
import { EnvironmentError, messageOf } from "./errors.ts";

/** The only file that touches `process`: arguments in, exit code out. */

const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort());
process.once("SIGTERM", () => interrupted.abort());
// A terminal that is closed. Node.js does not leave it to nohup to have that ignored.
process.once("SIGHUP", () => interrupted.abort());
// Consoles of Windows need Node's streams.
const outputTo = process.platform === "win32" ? streamOutput : descriptorOutput;
const stderr = outputTo(2, () => {});
// A reader that closed our stdout (`tspip … | head`) wants no more of the answer: the rest goes nowhere. An answer that a full
// disk did not take is none.
let lost: NodeJS.ErrnoException | undefined;
const stdout = outputTo(1, (error) => {
  if (error.code === "EPIPE" || lost !== undefined) return;
  lost = error;
  stderr.write(`error: Cannot write the answer: ${messageOf(error)}\n`);
  process.exitCode ||= exitCodes.environment;
});

// Were nothing left to wait for before there is an answer, Node would end, and that would be no success.
process.exitCode = exitCodes.bug;
// No await at the top: the bundle is CommonJS.
const done = run(process.argv.slice(2), {
  env: process.env,
  get cwd() {
    return workingFolder();
  },
  homedir: homeFolder(),
  platform: process.platform,
  stdout,
  stderr,
  signal: interrupted.signal,
  now: () => new Date(),
  sharesStreams: true,
  nodeVersion: process.versions.node,
  userId: process.geteuid?.(),
  processors: availableParallelism(),
  pid: process.pid,
  isAlive,
  killGroup,
  node: process.execPath,
  holdSignals,
  spareProcessor,
  expectManyFiles,
  expectBriefWork,
  get askSecret() {
    return process.stdin.isTTY && process.stderr.isTTY ? askSecret : undefined;
  },
});
void done.then((exitCode) => {
  process.exitCode = exitCode === exitCodes.done && lost !== undefined ? exitCodes.environment : exitCode;
  setImmediate(endAtOnce);
});

/** An empty HOME is none: everything would be looked for in the working directory, which may be anybody's. */
function homeFolder(): string {
  const folder = homedir();
  return isAbsolute(folder) ? folder : userInfo().homedir;
}

/** It may have been removed under us: that is a matter of commands that work in it. */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new EnvironmentError("no-folder", "The folder that you are in is not there any more", {
      hint: "Change to a folder that exists",
      cause: error,
    });
  }
}

/**
 * Where nothing is under way any more, as it mostly is, Node would wait for V8 alone, which compiles on other threads what
 * nobody will run, collects garbage and takes its heap apart.
 */
function endAtOnce(): void {
  if (process.getActiveResourcesInfo().length === 0) process.exit();
}

function streamOutput(descriptor: 1 | 2, onLost: (error: NodeJS.ErrnoException) => void) {
  const stream = (descriptor === 1 ? process.stdout : process.stderr).on("error", onLost);
  return { isTTY: stream.isTTY === true, write: (text: string) => void stream.write(text) };
}

/** Signal 0 asks without doing anything; a process of another user may not be asked, and is there. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Without echo. Ctrl-C is a key like any other while a terminal is in raw mode. */
function askSecret(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  return new Promise((resolve, reject) => {
    let typed = "";
    const finish = () => {
      stdin.off("data", take).setRawMode(false).pause();
      stderr.write("\n");
    };
    const take = (chunk: Buffer) => {
      for (const character of chunk.toString("utf8")) {
        if (character === "\r" || character === "\n" || character === "\u0004") {
          finish();
          return resolve(typed);
        }
        if (character === "\u0003") {
          finish();
          interrupted.abort();
          return reject(interrupted.signal.reason);
        }
        typed = character === "\u007f" || character === "\b" ? typed.slice(0, -1) : typed + character;
      }
    };
    stderr.write(prompt);
    stdin.setRawMode(true).resume().on("data", take);
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It is gone.
  }
}

/**
 * Files take a few small objects each, which soon are garbage. With as much room for young ones as they had at first, an
 * install takes a quarter less memory and hardly more time. Old ones are few, and a thread would look for garbage among
 * them fifteen times.
 */
function expectManyFiles(): void {
  setEngine({ "semi-space-growth-factor": [1, 2], "initial-old-space-size": [32, 0] });
}

/**
 * Functions that ran four hundred times are compiled again with more means, on other threads. Work that is over in half a
 * second is not done any faster by them, and those threads take the processor that looks at signatures.
 */
function expectBriefWork(): void {
  setEngine({ "invocation-count-for-maglev": [2000, 400] });
}

/**
 * Bytecode that is kept (load-built.cjs) must be that of a V8 with the usual flags: another one refuses it.
 * @param flags of V8, with the usual value behind
 */
function setEngine(flags: Readonly<Record<string, readonly [now: number, usually: number]>>): void {
  for (const [flag, [now, usually]] of Object.entries(flags)) {
    setFlagsFromString(`--${flag}=${now}`);
    process.prependOnceListener("exit", () => setFlagsFromString(`--${flag}=${usually}`));
  }
}

/**
 * libuv starts four threads when there is first something for them to do, or as many as a variable says. With no processor for each, they
 * keep this one waiting, which has the most to do where signatures are verified: a thousand attestations took a fifth longer.
 */
function spareProcessor(): void {
  const { env } = process;
  if (env.UV_THREADPOOL_SIZE !== undefined) return;
  env.UV_THREADPOOL_SIZE = String(Math.min(4, Math.max(1, availableParallelism() - 1)));
  stat("/", () => {});
  delete env.UV_THREADPOOL_SIZE;
}

function holdSignals(listener: (signal: NodeJS.Signals) => void): Disposable {
  const held = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;
  for (const signal of held) process.on(signal, listener);
  return {
    [Symbol.dispose]() {
      for (const signal of held) process.off(signal, listener);
    },
  };
}
