import { CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { EnvironmentError, messageOf, TspipError, UsageError } from "../errors.ts";
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
    await program.parseAsync(withoutArguments ? ["--help"] : withoutHelp(argv, program), { from: "user" });
    return exitCode;
  } catch (thrown) {
    const error = fromDisk(firstOf(thrown));
    // Commander has printed its message. Its exit code says nothing: 1 for every mistake, and for help what the process has.
    if (error instanceof CommanderError)
      return isAnswered && !withoutArguments ? exitCodes.done : exitCodes.wrongRequest;
    if (host.signal.aborted) return exitCodes.interrupted;
    renderError(error, host);
    return exitCodeOfError(error);
  }
}

/** `help nope` is the mistake that `nope` is: commander would answer it with all of the help, and not a word about it. */
function withoutHelp(argv: readonly string[], program: CommandUnknownOpts): readonly string[] {
  const at = argv.indexOf("help");
  const asked = argv[at + 1];
  if (at === -1 || asked === undefined || asked.startsWith("-")) return argv;
  const group = argv.slice(0, at).reduce<CommandUnknownOpts | undefined>(childOf, program);
  const isHelp = group !== undefined && group.registeredArguments.length === 0 && group.commands.length > 0;
  return isHelp && childOf(group, asked) === undefined ? argv.toSpliced(at, 1) : argv;
}

function childOf(command: CommandUnknownOpts | undefined, name: string): CommandUnknownOpts | undefined {
  return command?.commands.find((child) => child.name() === name);
}

/** How many words are ours of commands that pass the others on: to another program an empty one may mean something. */
const ownWords: ReadonlyMap<string, number> = new Map([
  ["run", 1],
  ["pip", 0],
  ["ext", 0],
]);

/** An empty word must not mean the working directory. @throws UsageError `wrong-argument` */
function checkWords(command: CommandUnknownOpts): void {
  const at = command.args.slice(0, ownWords.get(command.name())).indexOf("");
  if (at === -1) return;
  const { registeredArguments: known } = command;
  const name = known[Math.min(at, known.length - 1)]?.name() ?? "";
  throw emptyValue(`The argument "${name}"`);
}

function emptyValue(what: string): UsageError {
  return new UsageError("wrong-argument", `${what} is empty`, {
    hint: "A shell variable that is not set gives an empty word",
  });
}

/** Where cleaning up failed as well, what it was to clean up after is what went wrong. */
function firstOf(error: unknown): unknown {
  return error instanceof Error && "suppressed" in error ? firstOf(error.suppressed) : error;
}

/** What no code of ours can bring about: there is no permission, no room, no more open files. */
const diskCodes: ReadonlySet<string> = new Set([
  "EACCES",
  "EPERM",
  "EROFS",
  "ENOSPC",
  "EDQUOT",
  "EIO",
  "EMFILE",
  "ENFILE",
]);

/** What the disk has against us is no bug, wherever it shows. */
function fromDisk(error: unknown): unknown {
  const { code = "", syscall } = Object(error) as NodeJS.ErrnoException;
  if (error instanceof TspipError || syscall === undefined || !diskCodes.has(code)) return error;
  return new EnvironmentError("disk-error", `Cannot go on: ${messageOf(error)}`, { cause: error });
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
    // An empty value must not mean the working directory, or the default index.
    command.on(`option:${option.name()}`, (value: unknown) => {
      if (value === "") throw emptyValue(`The value of ${option.long ?? option.short}`);
    });
  }
  for (const child of command.commands) settle(child, host, onAnswer);
}
