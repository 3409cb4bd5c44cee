import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** A command as plain data: what its help says, for shells and the manual page. */
export interface CommandNode {
  /** The words behind `tspip`; empty for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  /** As usage writes them: `[requirements...]`. */
  readonly arguments: readonly string[];
  readonly options: readonly OptionNode[];
  readonly commands: readonly CommandNode[];
}

export interface OptionNode {
  /** `-r`, `--requirement`. */
  readonly flags: readonly string[];
  /** `<file>`; absent where the option takes no value. */
  readonly value?: string;
  readonly choices: readonly string[];
  readonly description: string;
}

/** All commands that the program has. */
export function commandTree(program: CommandUnknownOpts): CommandNode {
  return nodeOf(program, []);
}

function nodeOf(command: CommandUnknownOpts, path: readonly string[]): CommandNode {
  const help = command.createHelp();
  return {
    path,
    description: command.description(),
    arguments: command.registeredArguments.map((argument) => {
      const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
      return argument.required ? `<${name}>` : `[${name}]`;
    }),
    options: help.visibleOptions(command).map(({ short, long, flags, argChoices = [], description }) => {
      const [value] = /<[^>]+>/.exec(flags) ?? [];
      const names = [short, long].filter((flag) => flag !== undefined);
      return { flags: names, ...(value !== undefined && { value }), choices: argChoices, description };
    }),
    commands: command.commands.map((child) => nodeOf(child, [...path, child.name()])),
  };
}

/** A command and all below it. */
export function withDescendants(node: CommandNode): readonly CommandNode[] {
  return [node, ...node.commands.flatMap(withDescendants)];
}
