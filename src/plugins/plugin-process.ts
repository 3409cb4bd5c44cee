import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { messageOf } from "../errors.ts";
import { lineReader } from "./line-reader.ts";

/** How the process of a shim is started. */
export interface Launch {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What a process needs of the one that starts it. */
export interface Surroundings {
  /** Aborts when the user interrupts: the process is killed. */
  readonly signal: AbortSignal;
  /** Kills a process and those it started that stayed in its group. */
  killGroup(pid: number): void;
  onTalk(said: Said): void;
}

/** What a plugin printed, or logged. */
export interface Said {
  readonly level: "output" | "info" | "warning";
  readonly text: string;
}

/** A process that answers one request after the other, in JSON lines on file descriptor 3. */
export interface PluginProcess {
  /** @throws ProcessEnded when it ended, or was ended: it answers nothing any more */
  request(message: object, timeLimitMs: number): Promise<unknown>;
  end(): Promise<void>;
}

/** The process is gone; the message says why. */
export class ProcessEnded extends Error {}

/** What is longer is no answer but an attempt to fill our memory. */
const maxLineBytes = 1 << 20;
/** Of what is printed and logged during one request; the rest is read and dropped. */
const maxTalkCharacters = 64 << 10;
/** How long a process that was told to end, or that has ended, may still talk. */
const graceMs = 1000;

export function startProcess({ command, cwd, env }: Launch, surroundings: Surroundings): PluginProcess {
  const [program = "", ...args] = command;
  // In a group of its own, so that what it starts ends with it. Its stdout is talk: the protocol has its own channel.
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const channel = child.stdio[3] as Duplex;
  const talk = limitedTalk(surroundings.onTalk);
  let waiting: { readonly id: number; resolve(answer: unknown): void } | undefined;
  let count = 0;
  const ended = new Promise<ProcessEnded>((resolve) => {
    const end = (why: string) => {
      resolve(new ProcessEnded(why));
      if (child.pid !== undefined) surroundings.killGroup(child.pid);
    };
    const onLine = (line: string) => {
      const answer = parsed(line);
      if (answer?.log !== undefined) return talk(answer.log);
      if (answer === undefined || answer.id !== waiting?.id) return end("it wrote something that is no answer");
      waiting?.resolve(answer.result);
    };
    child.once("error", (error) => end(messageOf(error)));
    child.once("exit", (code, signal) => {
      // What it said last may still be on its way; a child that it left behind may hold the channel open for ever.
      const timer = setTimeout(() => end(howItEnded(code, signal)), graceMs);
      child.once("close", () => {
        clearTimeout(timer);
        end(howItEnded(code, signal));
      });
    });
    surroundings.signal.addEventListener("abort", () => end("it was interrupted"), { once: true });
    channel.on(
      "data",
      lineReader(maxLineBytes, onLine, () => end("it wrote a line of more than 1 MiB")),
    );
    for (const stream of [child.stdout, child.stderr] as Readable[])
      stream.setEncoding("utf8").on("data", (text: string) => talk({ level: "output", text }));
    // A process that is gone does not read; that it is gone is told by its exit.
    channel.on("error", () => {});
  });
  return {
    async request(message, timeLimitMs) {
      talk.reset();
      const id = ++count;
      const answered = new Promise<unknown>((resolve) => {
        waiting = { id, resolve };
      });
      channel.write(`${JSON.stringify({ id, ...message })}\n`);
      const limit = timeLimit(timeLimitMs);
      const answer = await Promise.race([answered, ended, limit.passed]);
      limit.clear();
      waiting = undefined;
      if (!(answer instanceof ProcessEnded)) return answer;
      if (child.pid !== undefined) surroundings.killGroup(child.pid);
      // Who left the group may hold the streams open for ever, and we would wait for them.
      for (const stream of child.stdio) stream?.destroy();
      throw answer;
    },
    end: () => endGently(child, channel, surroundings),
  };
}

/** With its channel closed a shim ends by itself; whatever is left of its group then does not. */
async function endGently(child: ChildProcess, channel: Duplex, { killGroup }: Surroundings): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  channel.end();
  if (child.exitCode === null && child.signalCode === null) await within(graceMs, exited);
  killGroup(pid);
  // What was said last is read; who left the group may hold the streams open for ever.
  await within(graceMs, closed);
  for (const stream of child.stdio) stream?.destroy();
}

async function within(ms: number, event: Promise<unknown>): Promise<void> {
  const limit = timeLimit(ms);
  await Promise.race([event, limit.passed]);
  limit.clear();
}

function timeLimit(ms: number): { readonly passed: Promise<ProcessEnded>; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<ProcessEnded>((resolve) => {
    timer = setTimeout(() => resolve(new ProcessEnded(`it did not answer within ${ms / 1000} seconds`)), ms);
  });
  return { passed, clear: () => clearTimeout(timer) };
}

function howItEnded(code: number | null, signal: NodeJS.Signals | null): string {
  return code === null ? `its process was ended by ${signal}` : `its process ended with exit code ${code}`;
}

/** A line of the protocol; nothing for what is none. */
function parsed(line: string): { id?: unknown; result?: unknown; log?: Said } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null) return undefined;
    if (!("log" in value)) return value;
    const { level, text } = Object(value.log);
    return { log: { level: level === "warning" ? level : "info", text: String(text) } };
  } catch {
    return undefined;
  }
}

/** Passes on what is said, up to a limit that starts anew with each request. */
function limitedTalk(onTalk: Surroundings["onTalk"]) {
  let left = maxTalkCharacters;
  const talk = ({ level, text }: Said) => {
    if (left <= 0) return;
    left -= text.length;
    const isWhole = left > 0;
    onTalk({ level, text: isWhole ? text : `${text.slice(0, left)}\n(the rest is left out: it is more than 64 KiB)` });
  };
  const reset = () => {
    left = maxTalkCharacters;
  };
  return Object.assign(talk, { reset });
}
