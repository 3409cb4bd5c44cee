import { Command, Option, type OptionValues } from "@commander-js/extra-typings";
import { signingOptionsOf } from "./keys.ts";
import {
  collect,
  connectionOptionsOf,
  gateCommand,
  indexOptionsOf,
  talkCommand,
  trustOptionsOf,
  withOutput,
  withReport,
  withSummary,
} from "./options.ts";

/** The commands that pass artifacts through the gate, and `uninstall`. */

export type InstallOptions = ReturnType<ReturnType<typeof installCommand>["opts"]>;
export type DownloadOptions = ReturnType<ReturnType<typeof downloadCommand>["opts"]>;
export type VerifyOptions = ReturnType<ReturnType<typeof verifyCommand>["opts"]>;
export type UninstallOptions = ReturnType<ReturnType<typeof uninstallCommand>["opts"]>;
export type LockOptions = ReturnType<ReturnType<typeof lockCommand>["opts"]>;
export type BootstrapOptions = ReturnType<ReturnType<typeof bootstrapCommand>["opts"]>;
export type PipOptions = ReturnType<ReturnType<typeof pipCommand>["opts"]>;
export type AttestOptions = ReturnType<ReturnType<typeof attestCommand>["opts"]>;
export type PublishOptions = ReturnType<ReturnType<typeof publishCommand>["opts"]>;
export type RunOptions = ReturnType<ReturnType<typeof runCommand>["opts"]>;
export type ServeOptions = ReturnType<ReturnType<typeof serveCommand>["opts"]>;

export function installCommand() {
  return withSummary(
    fromBundle(gateCommand("install"))
      .description("pass every artifact through the gate, then install all of them or none")
      .argument("[requirements...]", "requirements and wheel files")
      .optionsGroup("Installing:")
      .option("-U, --upgrade", "take the newest versions, even of what is already installed")
      .option("-t, --target <dir>", "install into a folder of importable packages")
      .option("--prefix <dir>", "install below a folder, laid out as the interpreter's own installation")
      .option("--user", "install into the user's own site-packages (PEP 370)")
      .option("--break-system-packages", "write into an environment that its distributor manages (PEP 668)")
      .addOption(
        new Option("--link-mode <mode>", "how files come out of the cache, for wheels that were installed before")
          .choices(["copy", "hardlink"] as const)
          .default("copy" as const),
      )
      .option("--compile", "compile modules to .pyc files; they are listed in RECORD")
      .option("--sbom <file>", "write the CycloneDX SBOM of the environment after installing")
      .option("--dry-run", "pass the gate and check the plan, but write to no environment"),
  );
}

export function downloadCommand() {
  return gateCommand("download")
    .description("pass every artifact through the gate, then keep all of them with their provenance, or none")
    .argument("[requirements...]", "requirements and wheel files")
    .optionsGroup("Downloading:")
    .option("-d, --dest <dir>", "the folder to keep them in; without it the working directory, unless a bundle is made")
    .option(
      "--bundle <file>",
      "write one signed archive, with everything that is needed to judge and install them elsewhere",
    )
    .option("--key <file>", "the private key that signs the bundle, as tspip key new makes it")
    .option("--passphrase-file <file>", "a file with the key's passphrase; without it you are asked");
}

export function verifyCommand() {
  return withSummary(
    fromBundle(gateCommand("verify"))
      .description("pass every artifact through the gate and report the verdict; write to no environment")
      .argument("[requirements...]", "requirements, files, and folders of files")
      .optionsGroup("Lock files:")
      .option(
        "--diff <old-lock>",
        "compare with an older lock file: releases, signers, digests; the new one is the argument",
      )
      .option("--download", "judge the bytes of locked files too, not only their digests")
      .optionsGroup("Output:")
      .option("--report-coverage", "report how much is attested, and what rules that now only warn will refuse"),
  );
}

function fromBundle<Arguments extends unknown[], Options extends OptionValues>(command: Command<Arguments, Options>) {
  return command
    .optionsGroup("Without an index:")
    .option("--bundle <file>", "take artifacts, policy and trust material from what tspip download --bundle made")
    .option(
      "--bundle-key <key>",
      "who may have made the bundle: a public key, or a keyring as NAME.json (repeatable)",
      collect,
    )
    .option("--untrusted-bundle", "judge the files of a bundle, whoever made it, and use nothing else from it");
}

export function uninstallCommand() {
  return talkCommand("uninstall")
    .description("remove distributions by their RECORD, all of them or none")
    .argument("<names...>", "projects")
    .optionsGroup("Where from:")
    .option("--venv <dir>", "a virtual environment; by default the active one")
    .option("-p, --python <exe>", "the environment of an interpreter")
    .option("-t, --target <dir>", "a folder of importable packages")
    .option("--prefix <dir>", "a folder laid out as an installation")
    .option("--user", "the user's own site-packages (PEP 370)")
    .option("--break-system-packages", "write into an environment that its distributor manages (PEP 668)")
    .option("-y, --yes", "accepted as by pip; tspip never asks");
}

export function lockCommand() {
  return gateCommand("lock")
    .description("choose versions among what the policy admits, and write them to a lock file (PEP 751)")
    .argument("[requirements...]", "requirements and wheel files")
    .optionsGroup("Locking:")
    .option("-o, --output <file>", "the lock file, called pylock.toml or pylock.NAME.toml", "pylock.toml")
    .option("-U, --upgrade", "take the newest versions, even of what the lock file already has");
}

export function runCommand() {
  const command = new Command("run")
    .description("run any installer against a loopback index that passes every file through the gate")
    .argument("<command...>", "the command, after --")
    .passThroughOptions()
    .optionsGroup("What it does:")
    .option(
      "--venv <dir>",
      "the environment that the command works on; by default the one it names, .venv, or the active one",
    )
    .option("--sbom <file>", "write the CycloneDX SBOM of the environment when the command has ended");
  return withReport(trustOptionsOf(indexOptionsOf(command)));
}

export function serveCommand() {
  const command = new Command("serve")
    .description("run the gate as a package index for a team")
    .optionsGroup("What it does:")
    .option("-c, --config <file>", "the configuration file; see docs/serve.md", "serve.toml")
    .option("--check", "read the configuration and the policies, say what is wrong, and exit")
    .option("--new-token", "print a new token, and its line for the configuration")
    .optionsGroup("Output:");
  return withOutput(command);
}

export function bootstrapCommand() {
  const command = new Command("bootstrap")
    .description("put a verified pip into an environment that has none")
    .optionsGroup("What to install:")
    .addOption(new Option("--tool <tool>", "what to install").choices(["pip", "uv"] as const).default("pip" as const))
    .option("--wheel <file>", "install this wheel, and look for no other")
    .option("--write-stub <dir>", "install nothing; put a pip into this folder that does it when first called")
    .option("--log <file>", "append all messages to a file, as detailed as with -v")
    .optionsGroup("Where to:")
    .option("--venv <dir>", "a virtual environment, created if absent; by default the active one, else .venv")
    .option("-p, --python <exe>", "the environment of an interpreter, or the user's site-packages if it has none")
    .option("--user", "the user's own site-packages (PEP 370)")
    .option("--break-system-packages", "write beside an interpreter that its distributor manages (PEP 668)");
  return withOutput(trustOptionsOf(indexOptionsOf(command)));
}

/** Where `tspip publish` uploads to unless told. */
export const defaultRepository = "https://upload.pypi.org/legacy/";

export function publishCommand() {
  const command = new Command("publish")
    .description("pass files through the gate as their users would, then upload them with their attestations")
    .argument("<files...>", "wheels, source distributions, and folders of them")
    .optionsGroup("Where to:")
    .option("--repository-url <url>", "the upload API of an index", defaultRepository)
    .option("-u, --username <name>", "the user that the token or password belongs to", "__token__")
    .option("--skip-existing", "skip files that the index already has")
    .option("--dry-run", "pass the gate, and upload nothing")
    .option("--no-attest", "make no attestations, even if the CI job has an identity to sign with");
  return withReport(trustOptionsOf(connectionOptionsOf(signingOptionsOf(command).optionsGroup("Connections:"))));
}

export function attestCommand() {
  const command = new Command("attest")
    .description("sign publish attestations with the identity of a CI job, and put them beside the files")
    .argument("<files...>", "wheels, source distributions, and folders of them");
  return withReport(trustOptionsOf(connectionOptionsOf(signingOptionsOf(command).optionsGroup("Connections:"))));
}

export function pipCommand() {
  const command = new Command("pip")
    .description("run pip behind the gate; an environment without pip gets a verified one first")
    .argument("[words...]", "pip's own arguments; its index options are obeyed")
    .passThroughOptions()
    .allowUnknownOption()
    .optionsGroup("Where to:")
    .option("--venv <dir>", "a virtual environment, created if absent; by default the active one, else .venv")
    .option("-p, --python <exe>", "the environment of an interpreter, or the user's site-packages if it has none")
    .option("--user", "the user's own site-packages (PEP 370)")
    .option("--break-system-packages", "write beside an interpreter that its distributor manages (PEP 668)")
    .option("--bootstrap-policy <file>", "the policy for pip itself, instead of the one that comes with tspip")
    .optionsGroup("What it does:")
    .option("--sbom <file>", "write the CycloneDX SBOM of the environment when pip has ended");
  return withReport(trustOptionsOf(indexOptionsOf(command)));
}
