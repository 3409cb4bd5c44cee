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
    .description("say which Sigstore trusted root is in use, where it comes from and how old it is")
    .option("--policy <file>", "the policy file")
    .option("--trusted-root <file>", "a Sigstore trusted root instead of the embedded one");
}

export function trustUpdateCommand() {
  return talkCommand("update")
    .description("fetch the trusted root by TUF and keep it for later commands")
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
    .argument("<file>", "where the private key goes: PKCS#8 as PEM")
    .option("--no-passphrase", "protect the file by its permissions alone")
    .addOption(
      new Option("--algorithm <name>", "the kind of key")
        .choices(["ed25519", "p256"] as const)
        .default("ed25519" as const),
    );
}

export function keyShowCommand() {
  return withPassphrase(new Command("show"))
    .description("say what a key is called, and how a policy names it")
    .argument("<file>", "a private key, a public key, or a key's id");
}

export function signCommand() {
  return withOutput(
    withPassphrase(new Command("sign"))
      .description("sign wheels and source distributions by a key; signatures of others stay")
      .argument("<files...>", "wheels and source distributions")
      .requiredOption("--key <file>", "the private key, as tspip key new makes it")
      .option("--embed", "write RECORD.jws into the wheel, and not FILE.jws beside it; PEP 815 deprecates it")
      .optionsGroup("Output:"),
  );
}

export function keyringInitCommand() {
  return new Command("init")
    .description("begin a keyring: who decides about it, and who refreshes it")
    .argument("<folder>", "where its files go")
    .requiredOption("--name <name>", "what the keyring is called, such as example.org/wheels")
    .requiredOption("--root <[name=]key>", "a public key that decides (repeatable)", collect)
    .option("--threshold <number>", "how many of them have to agree; more than half when left out", wholeNumber)
    .requiredOption("--fresh <[name=]key>", "a public key that says every day that the keyring is current", collect)
    .addOption(
      new Option("--form <form>", "two signed files, or a TUF repository")
        .choices(["plain", "tuf"] as const)
        .default("plain" as const),
    )
    .option("--url <url>", "where it will be served; a plain keyring may stay a folder")
    .option("--days <number>", "how long the roots' signatures are good for", wholeNumber, 365);
}

const keyringParts = ["signer", "root", "fresh"] as const;

export function keyringAddCommand() {
  return keyringChange(new Command("add"))
    .description("draft the keyring with a key more")
    .argument("<folder>", "the keyring")
    .argument("<name>", "what the key is called")
    .requiredOption("--key <key>", "the public key: a file, or its id")
    .option("--project <name>", 'what it may sign: a project, "PREFIX-*" or "*" (repeatable)', collect)
    .option("--role <text>", "what part its holder has, for people")
    .option("--valid-from <day>", "the first day, such as 2027-01-01", day)
    .option("--valid-until <day>", "the day before which it ends", day);
}

export function keyringRemoveCommand() {
  return keyringChange(new Command("remove"))
    .description("draft the keyring without a key")
    .argument("<folder>", "the keyring")
    .argument("<name>", "what the key is called")
    .option("--revoke <reason>", "refuse what it signed, before as well");
}

function keyringChange(command: Command) {
  return command
    .addOption(new Option("--as <part>", "which keys").choices(keyringParts).default("signer" as const))
    .option("--threshold <number>", "how many roots have to agree from then on", wholeNumber)
    .option("--days <number>", "how long the roots' signatures are good for", wholeNumber, 365);
}

export function keyringSignCommand() {
  return withOutput(
    withPassphrase(new Command("sign"))
      .description("sign the draft as one of the roots")
      .argument("<folder>", "the keyring")
      .requiredOption("--key <file>", "the root's private key")
      .option("--renew <days>", "where there is no draft: draft the same again, good for so many days", wholeNumber)
      .optionsGroup("Output:"),
  );
}

export function keyringRefreshCommand() {
  return withOutput(
    withPassphrase(new Command("refresh"))
      .description("say that what the roots have signed is current, for a while")
      .argument("<folder>", "the keyring")
      .requiredOption("--key <file>", "the private key that refreshes it")
      .option("--hours <number>", "for how long", wholeNumber, 48)
      .optionsGroup("Output:"),
  );
}

export function keyringShowCommand() {
  return talkCommand("show")
    .description("show a keyring: one in the making, or the one in use as it is now")
    .argument("[folder]", "the keyring in the making; without it, the one that the policy names")
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
    throw new InvalidArgumentError("It is a day such as 2027-01-31.");
  return time;
}

function withPassphrase(command: Command) {
  return command.option(
    "--passphrase-file <file>",
    "where the passphrase of the key stands; it is asked for otherwise",
  );
}

export function signingOptionsOf<Arguments extends unknown[], Options extends OptionValues>(
  command: Command<Arguments, Options>,
) {
  return command
    .optionsGroup("Signing:")
    .option("--fulcio-url <url>", "the certificate authority of a Sigstore instance of your own")
    .option("--rekor-url <url>", "its transparency log");
}
