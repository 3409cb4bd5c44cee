import { parseArgs } from "node:util";
import { messageOf, TspipError } from "../../errors.ts";
import { bend, createDice } from "./bend-bytes.ts";
import type { FuzzedParser } from "./fuzzed-parser.ts";
import { fuzzedParsers } from "./parsers.ts";

/** What a parser did that it must not do. */
export interface Failure {
  readonly bytes: Buffer;
  readonly problem: string;
}

/** Milliseconds. */
const mostTime = 1000;

/**
 * Hands `runs` bent documents to a parser. It has to read each or refuse it with its own kind of error, in time.
 * @returns the first that it did not
 */
export async function fuzz(
  parser: FuzzedParser,
  runs: number,
  seed: number,
  limit = mostTime,
): Promise<Failure | undefined> {
  const dice = createDice(seed);
  const isRefusal = parser.refuses ?? ((error: unknown) => error instanceof TspipError);
  for (let run = 0; run < runs; run += 1) {
    const bytes = bend(parser.seeds, dice);
    const start = performance.now();
    try {
      await parser.parse(bytes);
    } catch (error) {
      if (!isRefusal(error))
        return { bytes, problem: `another error than its own: ${(error as Error).stack ?? messageOf(error)}` };
    }
    const took = performance.now() - start;
    if (took <= limit) continue;
    // A machine that has other work to do makes us wait: what counts then is the processor's time.
    const again = await processorTime(parser, bytes);
    if (again > limit)
      return { bytes, problem: `${took.toFixed(0)} ms, and again, by the processor's time, ${again.toFixed(0)} ms` };
  }
  return undefined;
}

/** Milliseconds. */
async function processorTime({ parse }: FuzzedParser, bytes: Buffer): Promise<number> {
  const start = process.cpuUsage();
  try {
    await parse(bytes);
  } catch {
    // It is about the time.
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** `npm run fuzz -- [--runs N] [--seed N] [PARSER…]`: every parser, a million documents each. */
if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { runs: { type: "string", default: "1000000" }, seed: { type: "string" } },
    allowPositionals: true,
  });
  const seed = Number(values.seed ?? Date.now() % 2 ** 32);
  process.stdout.write(`seed ${seed}\n`);
  for (const [name, parser] of Object.entries(fuzzedParsers)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const start = performance.now();
    const failure = await fuzz(parser, Number(values.runs), seed);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    process.stdout.write(`${failure === undefined ? "ok" : "FAILED"} ${name}, ${seconds} s\n`);
    if (failure === undefined) continue;
    process.stdout.write(`${failure.problem}\n${failure.bytes.toString("base64")}\n`);
    process.exitCode = 1;
  }
}
