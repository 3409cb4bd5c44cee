import { Command, InvalidArgumentError, Option, type OptionValues } from "@commander-js/extra-typings";
import { collect, seconds, talkCommand, wholeNumber, withOutput } from "./options.ts";

/** Keys, signatures, keyrings, and the trusted root. */

export type TrustShowOptions = ReturnType<ReturnType<typeof trustShowCommand>["opts"]>;
export type TrustUpdateOptions = ReturnType<ReturnType<typeof trustUpdateCommand>["opts"]>;
export type KeyNewOptions = ReturnType<ReturnType<typeof keyNewCommand>["opts"]>;
export type KeyShowOptions = ReturnType<ReturnType<typeof keyShowCommand>["opts"]>;
export type SignOptions = ReturnType<ReturnType<typeof signCommand>["opts"]>;
export type KeyringInitOptions = ReturnType<ReturnType<typeof keyringInitCommand>["opts"]>;
export type KeyringAddOptions = ReturnType<ReturnType<typeof keyringAddCommand>["opts"]>;
export type KeyringRemoveOptions = ReturnType<ReturnType<typeof keyringRemoveCommand>["opts"]>;
export type KeyringSignOptions = ReturnType<ReturnType<typeof keyringSignCommand>["opts"]>;
export type KeyringRefreshOptions = ReturnType<ReturnType<typeof keyringRefreshCommand>["opts"]>;
export type KeyringShowOptions = ReturnType<ReturnType<typeof keyringShowCommand>["opts"]>;

export function trustShowCommand() {
  return talkCommand("show")
    .description("show which Sigstore trusted root is in use, where it comes from and how old it is")
    .option("--policy <file>", "the policy file")
    .option("--trusted-root <file>", "a Sigstore trusted root, instead of the embedded one");
}

export function trustUpdateCommand() {
  return talkCommand("update")
    .description("fetch the Sigstore trusted root by TUF and keep it for later commands")
    .option("--policy <file>", "the policy; it may name a TUF repository")
    .option("--mirror <url>", "a TUF repository of your own; needs --root")
    .option("--root <file>", "the TUF root to begin with")
    .option("--cert <file>", "further certificate authorities, as PEM")
    .option("--timeout <seconds>", "how long to wait", seconds)
    .option("--retries <number>", "how often to try again", wholeNumber)
    .option("--offline", "open no connection");
}

export function keyNewCommand() {
  return withPassphrase(new Command("new"))
    .description("make a private key that only you can read, and FILE.pub with the public key")
    .argument("<file>", "the file for the private key (PKCS#8 as PEM)")
    .option("--no-passphrase", "protect the file by its permissions alone")
    .addOption(
      new Option("--algorithm <name>", "the kind of key")
        .choices(["ed25519", "p256"] as const)
        .default("ed25519" as const),
    );
}

export function keyShowCommand() {
  return withPassphrase(new Command("show"))
    .description("show the id of a key, and how a policy names it")
    .argument("<file>", "a private key, a public key, or a key's id");
}

export function signCommand() {
  return withOutput(
    withPassphrase(new Command("sign"))
      .description("sign wheels and source distributions with a key; signatures by others are kept")
      .argument("<files...>", "wheels and source distributions")
      .requiredOption("--key <file>", "the private key, as tspip key new makes it")
      .option("--embed", "write RECORD.jws into the wheel instead of FILE.jws beside it (deprecated by PEP 815)")
      .optionsGroup("Output:"),
  );
}

export function keyringInitCommand() {
  return new Command("init")
    .description("begin a keyring: who decides about it, and who refreshes it")
    .argument("<folder>", "the folder for its files")
    .requiredOption("--name <name>", "the name of the keyring, such as example.org/wheels")
    .requiredOption("--root <[name=]key>", "a public key of somebody who decides (repeatable)", collect)
    .option("--threshold <number>", "how many roots must agree; by default more than half", wholeNumber)
    .requiredOption("--fresh <[name=]key>", "the public key that states daily that the keyring is current", collect)
    .addOption(
      new Option("--form <form>", "two signed files, or a TUF repository")
        .choices(["plain", "tuf"] as const)
        .default("plain" as const),
    )
    .option("--url <url>", "the URL where it will be served; a plain keyring may stay a folder")
    .option("--days <number>", "how long the roots' signatures are good for", wholeNumber, 365);
}

const keyringParts = ["signer", "root", "fresh"] as const;

export function keyringAddCommand() {
  return keyringChange(new Command("add"))
    .description("draft the keyring with one more key")
    .argument("<folder>", "the keyring")
    .argument("<name>", "the name of the key")
    .requiredOption("--key <key>", "the public key: a file, or its id")
    .option("--project <name>", 'what it may sign: a project, "PREFIX-*" or "*" (repeatable)', collect)
    .option("--role <text>", "the role of its holder, for people to read")
    .option("--valid-from <day>", "the first day on which it is valid, such as 2027-01-01", day)
    .option("--valid-until <day>", "the first day on which it is no longer valid", day);
}

export function keyringRemoveCommand() {
  return keyringChange(new Command("remove"))
    .description("draft the keyring without a key")
    .argument("<folder>", "the keyring")
    .argument("<name>", "the name of the key")
    .option("--revoke <reason>", "also refuse what it has already signed");
}

function keyringChange(command: Command) {
  return command
    .addOption(new Option("--as <part>", "in which role").choices(keyringParts).default("signer" as const))
    .option("--threshold <number>", "how many roots must agree from then on", wholeNumber)
    .option("--days <number>", "how long the roots' signatures are good for", wholeNumber, 365);
}

export function keyringSignCommand() {
  return withOutput(
    withPassphrase(new Command("sign"))
      .description("sign the draft as one of the roots")
      .argument("<folder>", "the keyring")
      .requiredOption("--key <file>", "the root's private key")
      .option(
        "--renew <days>",
        "if there is no draft: draft the same list again, valid for this many days",
        wholeNumber,
      )
      .optionsGroup("Output:"),
  );
}

export function keyringRefreshCommand() {
  return withOutput(
    withPassphrase(new Command("refresh"))
      .description("state that what the roots have signed is current, for a while")
      .argument("<folder>", "the keyring")
      .requiredOption("--key <file>", "the private key that refreshes it")
      .option("--hours <number>", "for how long", wholeNumber, 48)
      .optionsGroup("Output:"),
  );
}

export function keyringShowCommand() {
  return talkCommand("show")
    .description("show a keyring: one that is being edited, or the one in use as it is now")
    .argument("[folder]", "the folder of the keyring being edited; without it, the keyring that the policy names")
    .option("--keyring <file>", "a keyring in use, instead of the policy's")
    .option("--policy <file>", "the policy file")
    .option("--cert <file>", "further certificate authorities, as PEM")
    .option("--timeout <seconds>", "how long to wait", seconds)
    .option("--retries <number>", "how often to try again", wholeNumber)
    .option("--offline", "open no connection");
}

/** The beginning of a day in UTC. */
function day(value: string): Date {
  const time = new Date(`${value}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(value) || Number.isNaN(time.getTime()) || time.toISOString().slice(0, 10) !== value)
    throw new InvalidArgumentError("Give a day such as 2027-01-31.");
  return time;
}

function withPassphrase(command: Command) {
  return command.option("--passphrase-file <file>", "a file with the key's passphrase; without it you are asked");
}

export function signingOptionsOf<Arguments extends unknown[], Options extends OptionValues>(
  command: Command<Arguments, Options>,
) {
  return command
    .optionsGroup("Signing:")
    .option("--fulcio-url <url>", "the certificate authority of a Sigstore instance of your own")
    .option("--rekor-url <url>", "the transparency log of that instance");
}
