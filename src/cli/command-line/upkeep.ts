import { Command, Option } from "@commander-js/extra-typings";
import { indexOptionsOf, talkCommand } from "./options.ts";

/** The commands about tspip itself. */

export type CacheOptions = ReturnType<ReturnType<typeof cacheCommand>["opts"]>;
export type CompletionOptions = ReturnType<ReturnType<typeof completionCommand>["opts"]>;
export type DoctorOptions = ReturnType<ReturnType<typeof doctorCommand>["opts"]>;

export function cacheCommand(name: string, description: string) {
  return talkCommand(name).description(description).option("--cache-dir <dir>", "the cache folder");
}

export function completionCommand() {
  return new Command("completion")
    .description("print a completion script for your shell")
    .option("--bash", "for bash: source <(tspip completion --bash)")
    .option("--zsh", "for zsh: source <(tspip completion --zsh)")
    .option("--fish", "for fish: tspip completion --fish | source");
}

export function doctorCommand() {
  const command = talkCommand("doctor")
    .description("show what tspip works with here, where each setting comes from, and what is wrong")
    .addOption(
      new Option("--format <format>", "the form of the answer")
        .choices(["text", "json"] as const)
        .default("text" as const),
    )
    .optionsGroup("For which Python:")
    .option("--venv <dir>", "a virtual environment")
    .option("-p, --python <exe>", "a Python interpreter");
  return indexOptionsOf(command)
    .optionsGroup("Who is trusted:")
    .option("--policy <file>", "the policy file, instead of the one in force (see docs/policy.md)")
    .option("--trusted-root <file>", "a Sigstore trusted root, instead of the embedded one");
}
