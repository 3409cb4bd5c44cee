import { type CommandNode, type OptionNode, withDescendants } from "./command-tree.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** A script that makes `shell` complete commands, options and their choices; file names where nothing else is known. */
export function completionScript(shell: Shell, program: CommandNode): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](program);
}

function bashScript(program: CommandNode): string {
  return `# bash completion of tspip: source <(tspip completion --bash)
${functionBody(program)}
complete -o default -F _tspip tspip
`;
}

/** zsh runs functions that are written for bash, but takes a letter behind a colon for a modifier: sums stand in $((…)). */
function zshScript(program: CommandNode): string {
  return `#compdef tspip
# zsh completion of tspip: source <(tspip completion --zsh)
(( $+functions[compdef] )) || { autoload -U compinit && compinit; }
autoload -U +X bashcompinit && bashcompinit
${functionBody(program)}
complete -o default -F _tspip tspip
`;
}

/**
 * The words that may come next depend on the command, found by the words so far, and on the option just before. Where there
 * are none, shells complete names of files (`-o default`): for values, and for another program's words behind `--`.
 */
function functionBody(program: CommandNode): string {
  const nodes = withDescendants(program);
  const steps = nodes.slice(1).map(({ path }) => quoted(path.join(" ")));
  const words = nodes.map((node) => {
    const next = [...node.commands.map(nameOf), ...node.options.flatMap(({ flags }) => flags)];
    return `    ${quoted(node.path.join(" "))}) words=${quoted(next.join(" "))} ;;`;
  });
  const values = nodes.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value !== undefined)
      .map(({ flags, choices }) => {
        const patterns = flags.map((flag) => quoted([...path, flag].join(" ")));
        return `    ${patterns.join("|")}) words=${quoted(choices.join(" "))} ;;`;
      }),
  );
  return `_tspip() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" word words=""
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD-1))}"; do
    if [ "$word" = -- ]; then return; fi
    case "\${path:+$path }$word" in
      ${steps.join("|")}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${words.join("\n")}
  esac
  case "\${path:+$path }$previous" in
${values.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}`;
}

function fishScript(program: CommandNode): string {
  const lines = withDescendants(program).flatMap((node) => {
    const here = conditionOf(node);
    return [
      ...node.commands.map(
        (child) => `complete -c tspip -n ${here} -f -a ${nameOf(child)} -d ${quoted(child.description)}`,
      ),
      ...node.options.map((option) => `complete -c tspip -n ${here} ${fishOption(option)}`),
    ];
  });
  return `# fish completion of tspip: tspip completion --fish | source\n${lines.join("\n")}\n`;
}

function conditionOf({ path, commands }: CommandNode): string {
  if (path.length === 0) return "__fish_use_subcommand";
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const open = commands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${commands.map(nameOf).join(" ")}`];
  return quoted([...seen, ...open].join("; and "));
}

function fishOption({ flags, value, choices, description }: OptionNode): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const values = choices.length > 0 ? `-x -a ${quoted(choices.join(" "))}` : value !== undefined ? "-r" : "";
  return [...names, values, `-d ${quoted(description)}`].filter((part) => part !== "").join(" ");
}

function nameOf({ path }: CommandNode): string {
  return path.at(-1) ?? "";
}

/** No text of ours holds a single quote that bash and fish would read differently. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "’")}'`;
}
