import {
  Command,
  type CommandUnknownOpts,
  InvalidArgumentError,
  Option,
  type OptionValues,
} from "@commander-js/extra-typings";
import { version } from "./version.ts";

/** What the program does; each action gets the arguments and options of its command. */
export interface Actions {
  install(requirements: string[], options: InstallOptions): Promise<void>;
  download(requirements: string[], options: DownloadOptions): Promise<void>;
  verify(requirements: string[], options: VerifyOptions): Promise<void>;
  uninstall(names: string[], options: UninstallOptions): Promise<void>;
  audit(options: AuditOptions): Promise<void>;
  ext(name: string | undefined, args: string[], options: ExtOptions): Promise<void>;
  extSbom(wheels: string[], options: ExtSbomOptions): Promise<void>;
  extNew(name: string, options: ExtNewOptions): Promise<void>;
  plugins(options: PluginsOptions): Promise<void>;
  lock(requirements: string[], options: LockOptions): Promise<void>;
  run(command: string[], options: RunOptions): Promise<void>;
  serve(options: ServeOptions): Promise<void>;
  bootstrap(options: BootstrapOptions): Promise<void>;
  pip(words: string[], options: PipOptions): Promise<void>;
  publish(files: string[], options: PublishOptions): Promise<void>;
  attest(files: string[], options: AttestOptions): Promise<void>;
  policyInit(requirements: string[], options: PolicyInitOptions): Promise<void>;
  policyCheck(files: string[], options: PolicyCheckOptions): Promise<void>;
  policyShow(options: PolicyShowOptions): Promise<void>;
  policyTest(files: string[], options: PolicyTestOptions): Promise<void>;
  policyExplain(project: string, options: PolicyExplainOptions): Promise<void>;
  policySchema(options: PolicySchemaOptions): Promise<void>;
  cacheInfo(options: CacheOptions): Promise<void>;
  cacheClear(options: CacheOptions): Promise<void>;
  policyPin(requirements: string[], options: PolicyPinOptions): Promise<void>;
  policyDiff(older: string, newer: string, options: PolicyDiffOptions): Promise<void>;
  trustShow(options: TrustShowOptions): Promise<void>;
  completion(options: CompletionOptions): Promise<void>;
  doctor(options: DoctorOptions): Promise<void>;
  trustUpdate(options: TrustUpdateOptions): Promise<void>;
  keyNew(file: string, options: KeyNewOptions): Promise<void>;
  keyShow(file: string, options: KeyShowOptions): Promise<void>;
  sign(files: string[], options: SignOptions): Promise<void>;
  keyringInit(folder: string, options: KeyringInitOptions): Promise<void>;
  keyringAdd(folder: string, name: string, options: KeyringAddOptions): Promise<void>;
  keyringRemove(folder: string, name: string, options: KeyringRemoveOptions): Promise<void>;
  keyringSign(folder: string, options: KeyringSignOptions): Promise<void>;
  keyringRefresh(folder: string, options: KeyringRefreshOptions): Promise<void>;
  keyringShow(folder: string | undefined, options: KeyringShowOptions): Promise<void>;
}

export type InstallOptions = ReturnType<ReturnType<typeof installCommand>["opts"]>;
export type DownloadOptions = ReturnType<ReturnType<typeof downloadCommand>["opts"]>;
export type VerifyOptions = ReturnType<ReturnType<typeof verifyCommand>["opts"]>;
export type UninstallOptions = ReturnType<ReturnType<typeof uninstallCommand>["opts"]>;
export type AuditOptions = ReturnType<ReturnType<typeof auditCommand>["opts"]>;
export type ExtOptions = ReturnType<ReturnType<typeof extCommand>["opts"]>;
export type ExtSbomOptions = ReturnType<ReturnType<typeof extSbomCommand>["opts"]>;
export type ExtNewOptions = ReturnType<ReturnType<typeof extNewCommand>["opts"]>;
export type PluginsOptions = ReturnType<ReturnType<typeof pluginsCommand>["opts"]>;
export type LockOptions = ReturnType<ReturnType<typeof lockCommand>["opts"]>;
export type BootstrapOptions = ReturnType<ReturnType<typeof bootstrapCommand>["opts"]>;
export type PipOptions = ReturnType<ReturnType<typeof pipCommand>["opts"]>;
export type AttestOptions = ReturnType<ReturnType<typeof attestCommand>["opts"]>;
export type PublishOptions = ReturnType<ReturnType<typeof publishCommand>["opts"]>;
export type RunOptions = ReturnType<ReturnType<typeof runCommand>["opts"]>;
export type ServeOptions = ReturnType<ReturnType<typeof serveCommand>["opts"]>;
export type PolicyInitOptions = ReturnType<ReturnType<typeof policyInitCommand>["opts"]>;
export type PolicyCheckOptions = ReturnType<ReturnType<typeof policyCheckCommand>["opts"]>;
export type PolicyShowOptions = ReturnType<ReturnType<typeof policyShowCommand>["opts"]>;
export type PolicyTestOptions = ReturnType<ReturnType<typeof policyTestCommand>["opts"]>;
export type PolicyExplainOptions = ReturnType<ReturnType<typeof policyExplainCommand>["opts"]>;
export type PolicySchemaOptions = ReturnType<ReturnType<typeof policySchemaCommand>["opts"]>;
export type CacheOptions = ReturnType<ReturnType<typeof cacheCommand>["opts"]>;
export type PolicyPinOptions = ReturnType<ReturnType<typeof policyPinCommand>["opts"]>;
export type PolicyDiffOptions = ReturnType<ReturnType<typeof policyDiffCommand>["opts"]>;
export type CompletionOptions = ReturnType<ReturnType<typeof completionCommand>["opts"]>;
export type DoctorOptions = ReturnType<ReturnType<typeof doctorCommand>["opts"]>;
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
/** The options of every command with a gate. */
export type GateOptions = ReturnType<ReturnType<typeof gateCommand>["opts"]>;
/** The options of every command that asks an index. */
export type IndexOptions = Pick<
  RunOptions,
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
  PublishOptions,
  "cert" | "clientCert" | "proxy" | "keyringProvider" | "timeout" | "retries" | "offline"
>;
/** The options of every command. */
export type TalkOptions = ReturnType<ReturnType<typeof talkCommand>["opts"]>;

/** The command line. Its names are a contract: docs/cli.md shows the help made of this, and a test compares them. */
export function createProgram(actions: Actions, asked?: string): CommandUnknownOpts {
  const program = new Command("tspip")
    .description(
      "A verifying installer for Python packages: every artifact passes one gate before it reaches an environment.",
    )
    .enablePositionalOptions()
    .version(version, "-V, --version", "print the version");
  for (const make of commandsFor(actions, asked)) program.addCommand(make());
  return program as unknown as CommandUnknownOpts;
}

/** Options take their time to make, so that of a known command only its own are made. */
function commandsFor(actions: Actions, asked: string | undefined): (() => Command)[] {
  const commands = commandsOf(actions);
  const known = asked === undefined ? undefined : commands.get(asked);
  return known === undefined ? [...commands.values()] : [known];
}

/** In the order of the help. */
function commandsOf(actions: Actions): ReadonlyMap<string, () => Command> {
  const commands: Readonly<Record<string, () => unknown>> = {
    install: () => installCommand().action((requirements, options) => actions.install(requirements, options)),
    download: () => downloadCommand().action((requirements, options) => actions.download(requirements, options)),
    verify: () => verifyCommand().action((requirements, options) => actions.verify(requirements, options)),
    uninstall: () => uninstallCommand().action((names, options) => actions.uninstall(names, options)),
    audit: () => auditCommand().action((options) => actions.audit(options)),
    ext: () =>
      extCommand()
        .action((name, args, options) => actions.ext(name, args, options))
        .addCommand(extSbomCommand().action((wheels, options) => actions.extSbom(wheels, options)))
        .addCommand(extNewCommand().action((name, options) => actions.extNew(name, options))),
    plugins: () => pluginsCommand().action((options) => actions.plugins(options)),
    lock: () => lockCommand().action((requirements, options) => actions.lock(requirements, options)),
    run: () => runCommand().action((command, options) => actions.run(command, options)),
    serve: () => serveCommand().action((options) => actions.serve(options)),
    bootstrap: () => bootstrapCommand().action((options) => actions.bootstrap(options)),
    pip: () => pipCommand().action((words, options) => actions.pip(words, options)),
    attest: () => attestCommand().action((files, options) => actions.attest(files, options)),
    publish: () => publishCommand().action((files, options) => actions.publish(files, options)),
    policy: () =>
      new Command("policy")
        .description("write, validate, explain, test and compare policy files, and pin who signs")
        .addCommand(policyInitCommand().action((requirements, options) => actions.policyInit(requirements, options)))
        .addCommand(policyCheckCommand().action((files, options) => actions.policyCheck(files, options)))
        .addCommand(policyShowCommand().action((options) => actions.policyShow(options)))
        .addCommand(policyExplainCommand().action((project, options) => actions.policyExplain(project, options)))
        .addCommand(policyTestCommand().action((files, options) => actions.policyTest(files, options)))
        .addCommand(policySchemaCommand().action((options) => actions.policySchema(options)))
        .addCommand(policyPinCommand().action((requirements, options) => actions.policyPin(requirements, options)))
        .addCommand(policyDiffCommand().action((older, newer, options) => actions.policyDiff(older, newer, options))),
    cache: () =>
      new Command("cache")
        .description("show and empty what is kept for later commands")
        .addCommand(
          cacheCommand("info", "say where the cache is and what it holds").action((options) =>
            actions.cacheInfo(options),
          ),
        )
        .addCommand(
          cacheCommand("clear", "remove what tspip has put there").action((options) => actions.cacheClear(options)),
        ),
    completion: () => completionCommand().action((options) => actions.completion(options)),
    doctor: () => doctorCommand().action((options) => actions.doctor(options)),
    trust: () =>
      new Command("trust")
        .description("show and update the Sigstore trusted root")
        .addCommand(trustShowCommand().action((options) => actions.trustShow(options)))
        .addCommand(trustUpdateCommand().action((options) => actions.trustUpdate(options))),
    key: () =>
      new Command("key")
        .description("make keys to sign with, and show them")
        .addCommand(keyNewCommand().action((file, options) => actions.keyNew(file, options)))
        .addCommand(keyShowCommand().action((file, options) => actions.keyShow(file, options))),
    keyring: () =>
      new Command("keyring")
        .description("say which keys are current: make, sign, refresh and show a keyring")
        .addCommand(keyringInitCommand().action((folder, options) => actions.keyringInit(folder, options)))
        .addCommand(keyringAddCommand().action((folder, name, options) => actions.keyringAdd(folder, name, options)))
        .addCommand(
          keyringRemoveCommand().action((folder, name, options) => actions.keyringRemove(folder, name, options)),
        )
        .addCommand(keyringSignCommand().action((folder, options) => actions.keyringSign(folder, options)))
        .addCommand(keyringRefreshCommand().action((folder, options) => actions.keyringRefresh(folder, options)))
        .addCommand(keyringShowCommand().action((folder, options) => actions.keyringShow(folder, options))),
    sign: () => signCommand().action((files, options) => actions.sign(files, options)),
  };
  return new Map(Object.entries(commands)) as ReadonlyMap<string, () => Command>;
}

function installCommand() {
  return withSummary(
    gateCommand("install")
      .description("pass every artifact through the gate, then install all of them or none")
      .argument("[requirements...]", "requirements and wheel files")
      .optionsGroup("Installing:")
      .option("-U, --upgrade", "take the newest versions, also of what is installed")
      .option("-t, --target <dir>", "install into a folder of importable packages")
      .option("--prefix <dir>", "install below a folder, laid out as the interpreter's own installation")
      .option("--user", "install into the user's own site-packages (PEP 370)")
      .option("--break-system-packages", "write into an environment that its distributor manages (PEP 668)")
      .addOption(
        new Option("--link-mode <mode>", "how files of wheels that were installed before come out of the cache")
          .choices(["copy", "hardlink"] as const)
          .default("copy" as const),
      )
      .option("--compile", "compile modules to .pyc files; they are listed in RECORD")
      .option("--sbom <file>", "write the CycloneDX SBOM of the environment after installing")
      .option("--dry-run", "pass the gate and check the plan, but write to no environment"),
  );
}

function downloadCommand() {
  return gateCommand("download")
    .description("pass every artifact through the gate, then keep all of them with their provenance, or none")
    .argument("[requirements...]", "requirements and wheel files")
    .optionsGroup("Downloading:")
    .option("-d, --dest <dir>", "the folder to keep them in", ".");
}

function verifyCommand() {
  return withSummary(
    gateCommand("verify")
      .description("pass every artifact through the gate and say the verdict; writes to no environment")
      .argument("[requirements...]", "requirements, files, and folders of files")
      .optionsGroup("Lock files:")
      .option("--diff <old-lock>", "judge NEW-LOCK, and what changed since OLD-LOCK: releases, signers, digests")
      .option("--download", "judge the bytes of locked files as well, not only their digests")
      .optionsGroup("Output:")
      .option("--report-coverage", "say how much is attested, and what rules will refuse that only warn yet"),
  );
}

function uninstallCommand() {
  return talkCommand("uninstall")
    .description("remove distributions by their RECORD, all of them or none")
    .argument("<names...>", "projects")
    .optionsGroup("Where from:")
    .option("--venv <dir>", "a virtual environment; without any place, the active one")
    .option("-p, --python <exe>", "the environment an interpreter belongs to")
    .option("-t, --target <dir>", "a folder of importable packages")
    .option("--prefix <dir>", "a folder laid out as an installation")
    .option("--user", "the user's own site-packages (PEP 370)")
    .option("--break-system-packages", "write into an environment that its distributor manages (PEP 668)")
    .option("-y, --yes", "as pip has it; nothing is asked either way");
}

function auditCommand() {
  const command = trustOptionsOf(
    indexOptionsOf(
      environmentCommand("audit")
        .description("compare what is installed with what was installed, without running any of it")
        .addOption(
          new Option("--fail-on <severity>", "exit with 1 from this severity on")
            .choices(["error", "warning", "note"] as const)
            .default("error" as const),
        )
        .option("--baseline <file>", "leave out what an earlier report (--format json=FILE) has already")
        .option("--osv <dir>", "known vulnerabilities: a folder of advisories in OSV format")
        .option("--chain <name>", "print what is known of one distribution, link by link, from the lock to its files")
        .option("--lock <file>", "the lock file that the chain begins with")
        .option("--online", "ask the index what has become of what is installed; with --policy the verdict counts")
        .option(
          "--deep",
          "with --online: download the archives, and compare their RECORDs with those that are installed",
        ),
    ),
  );
  return withReport(command);
}

function extCommand() {
  return new Command("ext")
    .description("run an extension command; options of tspip stand before its name")
    .argument("[name]", "the extension command")
    .argument("[args...]", "its own arguments, which tspip leaves alone")
    .passThroughOptions()
    .option("--list", "list the extension commands there are")
    .addOption(listFormat())
    .option("--venv <dir>", "the environment it works on; without any, the active one")
    .option("-p, --python <exe>", "the environment an interpreter belongs to")
    .option("--policy <file>", "the policy it is told of; without it the one that tspip.toml names");
}

function extNewCommand() {
  return new Command("new")
    .description("write the start of an inspector or extension command, with its test, into a new folder")
    .argument("<name>", "what it is called")
    .addOption(
      new Option("--kind <kind>", "what it is").choices(["inspector", "command"] as const).makeOptionMandatory(),
    )
    .addOption(
      new Option("--language <language>", "what it is written in")
        .choices(["ts", "python"] as const)
        .makeOptionMandatory(),
    );
}

function pluginsCommand() {
  return new Command("plugins")
    .description("list the inspectors from others that there are, enabled or not, and why; none is loaded")
    .addOption(listFormat());
}

function listFormat() {
  return new Option("--format <format>", "of the list").choices(["text", "json"] as const).default("text" as const);
}

function extSbomCommand() {
  return withOutput(
    environmentCommand("sbom")
      .description("write the CycloneDX SBOM of what is installed, locked or required, without running any of it")
      .argument("[wheels...]", "wheels, and folders of wheels, instead of an environment")
      .option("-r, --requirement <file>", "what a requirements file lists, as it stands there (repeatable)", collect)
      .option("--lock <file>", "every package of a lock file, for whatever environment")
      .optionsGroup("The document:")
      .option("-o, --output <file>", "where to; without it the document goes to stdout")
      .addOption(
        new Option("--spec-version <version>", "the version of CycloneDX")
          .choices(["1.6", "1.7"] as const)
          .default("1.6" as const),
      )
      .addOption(
        new Option("--output-format <format>", "the form of the document")
          .choices(["json", "xml"] as const)
          .default("json" as const),
      )
      .option("--validate", "check the document by the official schema before it is written")
      .option("--files", "list every file of each distribution with its hash")
      .option("--license-texts", "put the texts of licence files in")
      .option("--vex <file>", "say of vulnerabilities what a CycloneDX or OpenVEX document says (repeatable)", collect)
      .optionsGroup("Output:"),
  );
}

/** A command that looks at environments and changes none. */
function environmentCommand(name: string) {
  return new Command(name)
    .optionsGroup("What to look at:")
    .option("--venv <dir>", "a virtual environment; without any place, the active one")
    .option("--path <dir>", "a folder of importable packages (repeatable)", collect)
    .option("--discover <dir>", "every virtual environment below a folder (repeatable)", collect)
    .option("-p, --python <exe>", "ask this interpreter where its packages are; it is started, isolated");
}

function lockCommand() {
  return gateCommand("lock")
    .description("choose versions among what the policy admits, and write them to a lock file (PEP 751)")
    .argument("[requirements...]", "requirements and wheel files")
    .optionsGroup("Locking:")
    .option("-o, --output <file>", "the lock file, called pylock.toml or pylock.NAME.toml", "pylock.toml")
    .option("-U, --upgrade", "take the newest versions, also of what the lock file has already");
}

function policyInitCommand() {
  const command = withOutput(evidenceOptionsOf(indexOptionsOf(requestCommand("init"))));
  return command
    .description("write a policy fitted to what is asked for: which projects are attested, and by whom")
    .argument("[requirements...]", "requirements, files, and folders of files; without any, the lock file that is here")
    .optionsGroup("The policy:")
    .option("-o, --output <file>", "where to; - is stdout", "policy.toml")
    .option("--force", "write over a file that is there");
}

function policyCheckCommand() {
  return talkCommand("check")
    .description("validate policy files and name every mistake in them")
    .argument("[files...]", "policy files; without any, the policy in force")
    .option("--policy <file>", "the policy in force");
}

function policyShowCommand() {
  return talkCommand("show").description("print the policy in force").option("--policy <file>", "the policy in force");
}

function policyExplainCommand() {
  return talkCommand("explain")
    .description("say which rule applies to a project and why, what it asks for, and what would satisfy it")
    .argument("<project>", "a project, or one version of it: NAME or NAME==VERSION")
    .option("--policy <file>", "the policy in force")
    .addOption(
      new Option("--format <format>", "of the answer").choices(["text", "json"] as const).default("text" as const),
    )
    .optionsGroup("Which file of it:")
    .addOption(
      new Option("--kind <kind>", "a wheel or a source distribution")
        .choices(["wheel", "sdist"] as const)
        .default("wheel" as const),
    )
    .option("--index <url>", "the index that it comes from")
    .addOption(
      new Option("--relation <relation>", "named by you, or needed by what you named").choices([
        "direct",
        "transitive",
      ] as const),
    );
}

function policyTestCommand() {
  return talkCommand("test")
    .description("run the cases of policies: what each admits and refuses; exit code 1 when one fails")
    .argument("[files...]", "policy files; without any, the policy in force")
    .option("--policy <file>", "the policy in force")
    .option("--cases <file>", "the cases; cases.json beside the policy when left out");
}

function policySchemaCommand() {
  return talkCommand("schema").description("print the JSON Schema of policy files, for editors");
}

function cacheCommand(name: string, description: string) {
  return talkCommand(name).description(description).option("--cache-dir <dir>", "the cache");
}

function policyPinCommand() {
  return gateCommand("pin")
    .description("pass the gate, and pin who signed what passed: later releases are compared with it")
    .argument("[requirements...]", "requirements, files, and folders of files");
}

function policyDiffCommand() {
  return talkCommand("diff")
    .description("say what a change of a policy or pins file means; exit code 1 when something is weaker")
    .argument("<old>", "a policy or pins file")
    .argument("<new>", "the file in its place");
}

function trustShowCommand() {
  return talkCommand("show")
    .description("say which Sigstore trusted root is in use, where it comes from and how old it is")
    .option("--policy <file>", "the policy file")
    .option("--trusted-root <file>", "a Sigstore trusted root instead of the embedded one");
}

function completionCommand() {
  return new Command("completion")
    .description("print a script that makes a shell complete commands and options")
    .option("--bash", "for bash: source <(tspip completion --bash)")
    .option("--zsh", "for zsh: source <(tspip completion --zsh)")
    .option("--fish", "for fish: tspip completion --fish | source");
}

function doctorCommand() {
  const command = talkCommand("doctor")
    .description("say what tspip works with here, where each setting comes from, and what is wrong")
    .addOption(
      new Option("--format <format>", "of the answer").choices(["text", "json"] as const).default("text" as const),
    )
    .optionsGroup("For which Python:")
    .option("--venv <dir>", "a virtual environment")
    .option("-p, --python <exe>", "a Python interpreter");
  return indexOptionsOf(command)
    .optionsGroup("Who is trusted:")
    .option("--policy <file>", "the policy; without it the one in force, see docs/policy.md")
    .option("--trusted-root <file>", "a Sigstore trusted root instead of the embedded one");
}

function trustUpdateCommand() {
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

function keyNewCommand() {
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

function keyShowCommand() {
  return withPassphrase(new Command("show"))
    .description("say what a key is called, and how a policy names it")
    .argument("<file>", "a private key, a public key, or a key's id");
}

function signCommand() {
  return withOutput(
    withPassphrase(new Command("sign"))
      .description("sign wheels and source distributions by a key; signatures of others stay")
      .argument("<files...>", "wheels and source distributions")
      .requiredOption("--key <file>", "the private key, as tspip key new makes it")
      .option("--embed", "write RECORD.jws into the wheel, and not FILE.jws beside it; PEP 815 deprecates it")
      .optionsGroup("Output:"),
  );
}

function keyringInitCommand() {
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

function keyringAddCommand() {
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

function keyringRemoveCommand() {
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

function keyringSignCommand() {
  return withOutput(
    withPassphrase(new Command("sign"))
      .description("sign the draft as one of the roots")
      .argument("<folder>", "the keyring")
      .requiredOption("--key <file>", "the root's private key")
      .option("--renew <days>", "where there is no draft: draft the same again, good for so many days", wholeNumber)
      .optionsGroup("Output:"),
  );
}

function keyringRefreshCommand() {
  return withOutput(
    withPassphrase(new Command("refresh"))
      .description("say that what the roots have signed is current, for a while")
      .argument("<folder>", "the keyring")
      .requiredOption("--key <file>", "the private key that refreshes it")
      .option("--hours <number>", "for how long", wholeNumber, 48)
      .optionsGroup("Output:"),
  );
}

function keyringShowCommand() {
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

function gateCommand(name: string) {
  return withReport(trustOptionsOf(indexOptionsOf(requestCommand(name))));
}

function requestCommand(name: string) {
  return new Command(name)
    .optionsGroup("What to install:")
    .option("-r, --requirement <file>", "what a requirements file or pyproject.toml lists (repeatable)", collect)
    .option("-c, --constraint <file>", "take versions from a constraints file (repeatable)", collect)
    .option("--lock <file>", "what a lock file lists: pylock.toml, uv.lock, poetry.lock, pdm.lock, Pipfile.lock")
    .option("--extra <name>", "an extra of the lock file or pyproject.toml (repeatable)", collect)
    .option("--all-extras", "every extra there is")
    .option(
      "--group <name>",
      "a dependency group of the lock file, instead of its default ones, or of pyproject.toml (repeatable)",
      collect,
    )
    .option("--all-groups", "every dependency group there is")
    .option("--require-hashes", "every requirement must have a --hash")
    .option("--no-deps", "leave dependencies out")
    .option("--pre", "take pre-releases into account")
    .addOption(
      new Option("--resolver <engine>", "what chooses versions; uv by default").choices(["uv", "pip"] as const),
    )
    .optionsGroup("For which Python:")
    .option("--venv <dir>", "a virtual environment; install makes it when absent")
    .option("-p, --python <exe>", "a Python interpreter, and the environment it belongs to");
}

function runCommand() {
  const command = new Command("run")
    .description("run any installer against a loopback index that passes every file through the gate")
    .argument("<command...>", "the command, behind --")
    .passThroughOptions()
    .optionsGroup("What it does:")
    .option(
      "--venv <dir>",
      "the environment that the command works on; else what the command names, .venv, or the active one",
    )
    .option("--sbom <file>", "write the CycloneDX SBOM of the environment when the command has ended");
  return withReport(trustOptionsOf(indexOptionsOf(command)));
}

function serveCommand() {
  const command = new Command("serve")
    .description("the same index as a long-running service for a team")
    .optionsGroup("What it does:")
    .option("-c, --config <file>", "what it serves, to whom and from where; see docs/serve.md", "serve.toml")
    .option("--check", "read the configuration and the policies, say what is wrong, and end")
    .option("--new-token", "print a new token, and what the configuration holds of it")
    .optionsGroup("Output:");
  return withOutput(command);
}

function bootstrapCommand() {
  const command = new Command("bootstrap")
    .description("put a verified pip into an environment that has none")
    .optionsGroup("What to install:")
    .addOption(new Option("--tool <tool>", "what to install").choices(["pip", "uv"] as const).default("pip" as const))
    .option("--wheel <file>", "this wheel, and ask nowhere for another")
    .option("--write-stub <dir>", "install nothing; put a pip there that does it when it is first called")
    .option("--log <file>", "append what is said, with -v's words, to a file")
    .optionsGroup("Where to:")
    .option("--venv <dir>", "a virtual environment, made when absent; else the active one, else .venv")
    .option("-p, --python <exe>", "the environment an interpreter belongs to, or the user's own site beside it")
    .option("--user", "the user's own site-packages (PEP 370)")
    .option("--break-system-packages", "write beside an interpreter that its distributor manages (PEP 668)");
  return withOutput(trustOptionsOf(indexOptionsOf(command)));
}

function publishCommand() {
  const command = new Command("publish")
    .description("pass files through the gate as their users would, then upload them with their attestations")
    .argument("<files...>", "wheels, source distributions, and folders of them")
    .optionsGroup("Where to:")
    .option("--repository-url <url>", "the upload API of an index", "https://upload.pypi.org/legacy/")
    .option("-u, --username <name>", "whom the token or password is for", "__token__")
    .option("--skip-existing", "pass over files that the index has already")
    .option("--dry-run", "pass the gate, and upload nothing")
    .option("--no-attest", "make no attestations, also where a CI job has an identity to sign with");
  return withReport(trustOptionsOf(connectionOptionsOf(signingOptionsOf(command).optionsGroup("Connections:"))));
}

function attestCommand() {
  const command = new Command("attest")
    .description("sign publish attestations with the identity of a CI job, and put them beside the files")
    .argument("<files...>", "wheels, source distributions, and folders of them");
  return withReport(trustOptionsOf(connectionOptionsOf(signingOptionsOf(command).optionsGroup("Connections:"))));
}

function signingOptionsOf<Arguments extends unknown[], Options extends OptionValues>(
  command: Command<Arguments, Options>,
) {
  return command
    .optionsGroup("Signing:")
    .option("--fulcio-url <url>", "the certificate authority of a Sigstore instance of your own")
    .option("--rekor-url <url>", "its transparency log");
}

function pipCommand() {
  const command = new Command("pip")
    .description("run pip behind the gate, in an environment that gets a verified pip if it has none")
    .argument("[words...]", "pip's own words; what they say of indexes is followed")
    .passThroughOptions()
    .allowUnknownOption()
    .optionsGroup("Where to:")
    .option("--venv <dir>", "a virtual environment, made when absent; else the active one, else .venv")
    .option("-p, --python <exe>", "the environment an interpreter belongs to, or the user's own site beside it")
    .option("--user", "the user's own site-packages (PEP 370)")
    .option("--break-system-packages", "write beside an interpreter that its distributor manages (PEP 668)")
    .option("--bootstrap-policy <file>", "what pip itself has to meet, instead of what tspip came with")
    .optionsGroup("What it does:")
    .option("--sbom <file>", "write the CycloneDX SBOM of the environment when pip has ended");
  return withReport(trustOptionsOf(indexOptionsOf(command)));
}

function indexOptionsOf<Arguments extends unknown[], Options extends OptionValues>(
  command: Command<Arguments, Options>,
) {
  const places = command
    .optionsGroup("Where to look:")
    .option("-i, --index-url <url>", "the package index")
    .option("--extra-index-url <url>", "a further index, asked before --index-url (repeatable)", collect)
    .option("-f, --find-links <place>", "a folder or page of links to files (repeatable)", collect)
    .option("--no-index", "ask no index, only --find-links");
  return connectionOptionsOf(places)
    .option("--cache-dir <dir>", "where admitted artifacts and what is known of locked files are kept")
    .option("--no-cache-dir", "keep nothing, and use nothing that was kept");
}

function connectionOptionsOf<Arguments extends unknown[], Options extends OptionValues>(
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
    .option("--timeout <seconds>", "how long to wait for the index", seconds)
    .option("--retries <number>", "how often to try again", wholeNumber)
    .option("--offline", "open no connection");
}

function trustOptionsOf<Arguments extends unknown[], Options extends OptionValues>(
  command: Command<Arguments, Options>,
) {
  return evidenceOptionsOf(
    command
      .optionsGroup("Who is trusted:")
      .option("--policy <file>", "the policy; without it the one in force, see docs/policy.md")
      .option("--allow-expired-policy", "warn, and do not refuse, when the policy is past its expires"),
  );
}

function evidenceOptionsOf<Arguments extends unknown[], Options extends OptionValues>(
  command: Command<Arguments, Options>,
) {
  return command
    .optionsGroup("Who is trusted:")
    .option("--trusted-root <file>", "a Sigstore trusted root instead of the embedded one")
    .option("--keyring <file>", "the keyring that says which keys are current, instead of the policy's")
    .option("--second-opinion", "@sigstore/verify has to accept each attestation as well")
    .option("--explain", "show each check of each attestation, with the values compared")
    .option(
      "--attestations <path>",
      "a folder or file with attestations, besides the policy's places (repeatable)",
      collect,
    )
    .option("--summaries <file>", "verification summaries, as --vsa writes them (repeatable)", collect);
}

function withSummary<Arguments extends unknown[], Options extends OptionValues>(command: Command<Arguments, Options>) {
  return command
    .optionsGroup("Verification summary (SLSA):")
    .option("--vsa <file>", "write a signed summary of each verdict, as lines of in-toto envelopes")
    .option("--vsa-verifier <uri>", "who verifies, as a rule's summary asks for it")
    .option("--vsa-key <file>", "the private key to sign with; without it, the identity of the CI job, by Sigstore")
    .option("--passphrase-file <file>", "where the passphrase of the key stands; it is asked for otherwise")
    .option("--fulcio-url <url>", "the certificate authority of a Sigstore instance of your own")
    .option("--rekor-url <url>", "its transparency log");
}

function withReport<Arguments extends unknown[], Options extends OptionValues>(command: Command<Arguments, Options>) {
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

function talkCommand(name: string) {
  return withOutput(new Command(name).optionsGroup("Output:"));
}

function withOutput<Arguments extends unknown[], Options extends OptionValues>(command: Command<Arguments, Options>) {
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

function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

function seconds(value: string): number {
  const number = Number(value);
  if (!(number > 0) || number > 86_400) throw new InvalidArgumentError("It is a number of seconds above 0.");
  return number;
}

function wholeNumber(value: string): number {
  if (!/^\d{1,3}$/.test(value)) throw new InvalidArgumentError("It is a whole number.");
  return Number(value);
}
