import { CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { UsageError } from "../errors.ts";
import { exitCodeOfError, exitCodes } from "./exit-code.ts";
import type { Host } from "./host.ts";
import { createProgram, type Perform } from "./program.ts";
import { renderError } from "./render/error.ts";
import { printable } from "./terminal.ts";

/** Runs one command line and returns its exit code. Each command's code is loaded when it is called. */
export async function run(argv: readonly string[], host: Host): Promise<number> {
  let exitCode: number = exitCodes.done;
  const perform: Perform = async (command) => {
    exitCode = await command(host);
  };
  const program = createProgram(perform, argv[0]);
  const withoutArguments = argv.length === 0;
  let isAnswered = false;
  program.hook("preAction", (_, command) => checkWords(command));
  try {
    settle(program, host, () => {
      isAnswered = true;
    });
    await program.parseAsync(withoutArguments ? ["--help"] : argv, { from: "user" });
    return exitCode;
  } catch (thrown) {
    const error = firstOf(thrown);
    // Commander has printed its message. Its exit code says nothing: 1 for every mistake, and for help what the process has.
    if (error instanceof CommanderError)
      return isAnswered && !withoutArguments ? exitCodes.done : exitCodes.wrongRequest;
    if (host.signal.aborted) return exitCodes.interrupted;
    renderError(error, host);
    return exitCodeOfError(error);
  }
}

/** Commands whose words are those of another program, to which nothing may mean something. */
const passing: ReadonlySet<string> = new Set(["run", "pip", "ext"]);

/** A variable of a script that is not set must not mean the working directory. @throws UsageError */
function checkWords(command: CommandUnknownOpts): void {
  const at = passing.has(command.name()) ? -1 : command.args.indexOf("");
  if (at === -1) return;
  const { registeredArguments: known } = command;
  const name = known[Math.min(at, known.length - 1)]?.name() ?? "";
  throw new UsageError("wrong-argument", `The argument ${name} is given nothing`);
}

/** Where cleaning up failed as well, what it was to clean up after is what went wrong. */
function firstOf(error: unknown): unknown {
  return error instanceof Error && "suppressed" in error ? firstOf(error.suppressed) : error;
}

/**
 * Commander's settings are not inherited by commands made elsewhere: no exit of its own, our streams, no empty values.
 * @param onAnswer help or the version was asked for, and goes to stdout
 */
function settle(command: CommandUnknownOpts, host: Host, onAnswer: () => void): void {
  command.exitOverride();
  command.configureOutput({
    writeOut(text) {
      onAnswer();
      host.stdout.write(text);
    },
    writeErr: (text) => host.stderr.write(printable(text)),
  });
  for (const option of command.options) {
    // A variable of a script that is not set must not mean the working directory, or another index.
    command.on(`option:${option.name()}`, (value: unknown) => {
      if (value === "") throw new UsageError("wrong-argument", `${option.long ?? option.short} is given nothing`);
    });
  }
  for (const child of command.commands) settle(child, host, onAnswer);
}
