import { type CommandNode, type OptionNode, withDescendants } from "./command-tree.ts";

/** The manual page tspip(1), in man(7) macros. */
export function manualPage(program: CommandNode, version: string): string {
  const commands = withDescendants(program).filter(
    ({ path, commands: below }) => path.length > 0 && below.length === 0,
  );
  return [
    `.TH TSPIP 1 "" "tspip ${version}"`,
    ".SH NAME",
    "tspip \\- a verifying installer for Python packages",
    ".SH SYNOPSIS",
    ".B tspip",
    ".I command",
    "[options]",
    ".SH DESCRIPTION",
    escaped(program.description),
    ".SH COMMANDS",
    ...commands.flatMap(commandLines),
    ".SH EXIT STATUS",
    ...exitStatus.flatMap(([code, meaning]) => [".TP", `.B ${code}`, escaped(meaning)]),
    ".SH SEE ALSO",
    "pip(1), uv(1); docs/cli.md and docs/policy.md of the program",
    "",
  ].join("\n");
}

/** docs/cli.md, "Exit codes". */
const exitStatus = [
  ["0", "done; everything allowed"],
  ["1", "refused, or findings at or above the chosen severity"],
  ["2", "the request is wrong: arguments, requirements, lock file, policy, configuration"],
  ["3", "could not decide: index, trusted root or evidence could not be had"],
  ["4", "could not read or write the environment or the disk"],
  ["70", "a bug in tspip"],
  ["130", "interrupted"],
] as const;

function commandLines({ path, arguments: words, description, options }: CommandNode): string[] {
  return [
    `.SS ${escaped(["tspip", ...path, "[options]", ...words].join(" "))}`,
    `${escaped(description)}.`,
    ...options.flatMap(optionLines),
  ];
}

function optionLines({ flags, value, choices, description }: OptionNode): string[] {
  const names = flags.map((flag) => `\\fB${escaped(flag)}\\fR`).join(", ");
  const one = choices.length === 0 ? "" : `: ${choices.join(", ")}`;
  return [
    ".TP",
    `${names}${value === undefined ? "" : ` \\fI${escaped(value.slice(1, -1))}\\fR`}`,
    escaped(description + one),
  ];
}

/** A hyphen is one that can be copied, and no line begins with what troff would take for a request. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/, "\\&$1");
}
