import { Command, InvalidArgumentError, Option, type OptionValues } from "@commander-js/extra-typings";
import { refusedOptions } from "../../plan/refused-options.ts";

/** Options that several commands share, and the readers of their values. */

/** The options of every command with a gate. */
export type GateOptions = ReturnType<ReturnType<typeof gateCommand>["opts"]>;

/** The options of every command that asks an index. */
export type IndexOptions = Pick<
  GateOptions,
  | "indexUrl"
  | "extraIndexUrl"
  | "findLinks"
  | "index"
  | "cert"
  | "clientCert"
  | "proxy"
  | "keyringProvider"
  | "timeout"
  | "retries"
  | "offline"
>;

/** The options of every command that opens connections. */
export type ConnectionOptions = Pick<
  GateOptions,
  "cert" | "clientCert" | "proxy" | "keyringProvider" | "timeout" | "retries" | "offline"
>;

export function listFormat() {
  return new Option("--format <format>", "the form of the list")
    .choices(["text", "json"] as const)
    .default("text" as const);
}

export function gateCommand(name: string) {
  const command = withReport(trustOptionsOf(indexOptionsOf(requestCommand(name)))).option(
    "--log <file>",
    "append all messages to a file, as detailed as with -v",
  );
  for (const [name, reason] of Object.entries(refusedOptions)) command.addOption(refused(name, reason));
  return command;
}

/** What pip has and tspip must not: who types it is told why. */
function refused(name: string, reason: string): Option {
  const short = name === "--editable" ? "-e, " : "";
  return new Option(`${short}${name} <value>`).hideHelp().argParser(() => {
    throw new InvalidArgumentError(`It is refused: ${reason}.`);
  });
}

export function requestCommand(name: string) {
  return new Command(name)
    .optionsGroup("What to install:")
    .option("-r, --requirement <file>", "what a requirements file or pyproject.toml lists (repeatable)", collect)
    .option("-c, --constraint <file>", "take versions from a constraints file (repeatable)", collect)
    .option("--lock <file>", "what a lock file lists: pylock.toml, uv.lock, poetry.lock, pdm.lock, Pipfile.lock")
    .option("--extra <name>", "an extra of the lock file or pyproject.toml (repeatable)", collect)
    .option("--all-extras", "all extras")
    .option(
      "--group <name>",
      "a dependency group of pyproject.toml, or of the lock file instead of its default groups (repeatable)",
      collect,
    )
    .option("--all-groups", "all dependency groups")
    .option("--require-hashes", "every requirement must have a --hash")
    .option("--no-deps", "leave dependencies out")
    .option("--pre", "take pre-releases into account")
    .option("--only-binary <names>", "accepted as by pip; only wheels are installed anyway (repeatable)", collect)
    .addOption(
      new Option("--resolver <engine>", "what chooses versions; uv by default").choices(["uv", "pip"] as const),
    )
    .optionsGroup("For which Python:")
    .option("--venv <dir>", "a virtual environment; install creates it if absent")
    .option("-p, --python <exe>", "a Python interpreter, and its environment");
}

export function indexOptionsOf<Arguments extends unknown[], Options extends OptionValues>(
  command: Command<Arguments, Options>,
) {
  const places = command
    .optionsGroup("Where to look:")
    .option("-i, --index-url <url>", "the package index")
    .option("--extra-index-url <url>", "a further index, asked before --index-url (repeatable)", collect)
    .option("-f, --find-links <place>", "a folder or page of links to files (repeatable)", collect)
    .option("--no-index", "ask no index, only --find-links");
  return connectionOptionsOf(places)
    .option("--cache-dir <dir>", "where admitted artifacts, and what is known about locked files, are kept")
    .option("--no-cache-dir", "neither use nor fill the cache");
}

export function connectionOptionsOf<Arguments extends unknown[], Options extends OptionValues>(
  command: Command<Arguments, Options>,
) {
  return command
    .option("--cert <file>", "further certificate authorities, as PEM")
    .option("--client-cert <file>", "a certificate of your own with its key, as PEM")
    .option("--proxy <url>", "a proxy for every connection")
    .addOption(
      new Option("--keyring-provider <name>", "ask the program keyring for passwords of indexes").choices([
        "disabled",
        "subprocess",
      ] as const),
    )
    .option("--timeout <seconds>", "how long to wait for an answer of the index", seconds)
    .option("--retries <number>", "how often to try again", wholeNumber)
    .option("--offline", "open no connection");
}

export function trustOptionsOf<Arguments extends unknown[], Options extends OptionValues>(
  command: Command<Arguments, Options>,
) {
  return evidenceOptionsOf(
    command
      .optionsGroup("Who is trusted:")
      .option("--policy <file>", "the policy file, instead of the one in force (see docs/policy.md)")
      .option("--allow-expired-policy", "only warn if the policy has expired"),
  );
}

export function evidenceOptionsOf<Arguments extends unknown[], Options extends OptionValues>(
  command: Command<Arguments, Options>,
) {
  return command
    .optionsGroup("Who is trusted:")
    .option("--trusted-root <file>", "a Sigstore trusted root, instead of the embedded one")
    .option("--keyring <file>", "the keyring that says which keys are current, instead of the policy's")
    .option("--second-opinion", "@sigstore/verify must agree about attestations, and yauzl about wheels")
    .option("--explain", "show each check of each attestation, with the values compared")
    .option(
      "--attestations <path>",
      "a folder or file with attestations, in addition to where the policy looks (repeatable)",
      collect,
    )
    .option("--summaries <file>", "verification summaries, as --vsa writes them (repeatable)", collect);
}

export function withSummary<Arguments extends unknown[], Options extends OptionValues>(
  command: Command<Arguments, Options>,
) {
  return command
    .optionsGroup("Verification summary (SLSA):")
    .option("--vsa <file>", "write a signed summary of each verdict, one in-toto envelope per line")
    .option("--vsa-verifier <uri>", "the verifier's name, as the summary key of a rule asks for it")
    .option("--vsa-key <file>", "the private key to sign with, instead of the CI job's identity by Sigstore")
    .option("--passphrase-file <file>", "a file with the key's passphrase; without it you are asked")
    .option("--fulcio-url <url>", "the certificate authority of a Sigstore instance of your own")
    .option("--rekor-url <url>", "the transparency log of that instance");
}

export function withReport<Arguments extends unknown[], Options extends OptionValues>(
  command: Command<Arguments, Options>,
) {
  return withOutput(
    command
      .optionsGroup("Output:")
      .option(
        "--format <format>",
        "text, json, sarif, junit, github or html; FORMAT=FILE writes a file (repeatable)",
        collect,
      ),
  );
}

export function talkCommand(name: string) {
  return withOutput(new Command(name).optionsGroup("Output:"));
}

export function withOutput<Arguments extends unknown[], Options extends OptionValues>(
  command: Command<Arguments, Options>,
) {
  return command
    .option("-v, --verbose", "say more (repeatable)", (_, count) => count + 1, 0)
    .option("-q, --quiet", "say less (repeatable)", (_, count) => count + 1, 0)
    .addOption(
      new Option("--color <when>", "colour the output")
        .choices(["auto", "always", "never"] as const)
        .default("auto" as const),
    )
    .option("--no-progress", "show no progress");
}

export function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

export function seconds(value: string): number {
  const number = Number(value);
  if (!(number > 0) || number > 86_400)
    throw new InvalidArgumentError("Give a number of seconds above 0, up to 86400.");
  return number;
}

export function wholeNumber(value: string): number {
  if (!/^\d{1,3}$/.test(value)) throw new InvalidArgumentError("Give a whole number, up to 999.");
  return Number(value);
}
