import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import {
  attestCommand,
  bootstrapCommand,
  downloadCommand,
  installCommand,
  lockCommand,
  pipCommand,
  publishCommand,
  runCommand,
  serveCommand,
  uninstallCommand,
  verifyCommand,
} from "./command-line/artifacts.ts";
import { auditCommand, extCommand, extNewCommand, extSbomCommand, pluginsCommand } from "./command-line/environment.ts";
import {
  keyNewCommand,
  keyringAddCommand,
  keyringInitCommand,
  keyringRefreshCommand,
  keyringRemoveCommand,
  keyringShowCommand,
  keyringSignCommand,
  keyShowCommand,
  signCommand,
  trustShowCommand,
  trustUpdateCommand,
} from "./command-line/keys.ts";
import {
  policyCheckCommand,
  policyDiffCommand,
  policyExplainCommand,
  policyInitCommand,
  policyPinCommand,
  policySchemaCommand,
  policyShowCommand,
  policyTestCommand,
} from "./command-line/policy.ts";
import { cacheCommand, completionCommand, doctorCommand } from "./command-line/upkeep.ts";
import type { Host } from "./host.ts";
import { version } from "./version.ts";

/** Runs what a command does; the exit code is its answer. */
export type Perform = (command: (host: Host) => Promise<number>) => Promise<void>;

const beginnings = `
To begin with:
  tspip install --venv .venv flask   judge flask and what it needs, then install them
  tspip run -- uv sync               put another installer behind the same gate
  tspip policy init                  write a policy that fits the lock file in this folder
  tspip verify --lock uv.lock        judge a lock file, as in CI; installs nothing

tspip COMMAND --help shows the options of a command.`;

/** The command line. Its names are a contract: docs/cli.md shows the help made of this, and a test compares them. */
export function createProgram(perform: Perform, asked?: string): CommandUnknownOpts {
  const program = new Command("tspip")
    .description(
      "A verifying installer for Python packages: every artifact passes one gate before it reaches an environment.",
    )
    .enablePositionalOptions()
    .addHelpText("after", beginnings)
    .version(version, "-V, --version", "print the version");
  for (const make of commandsFor(perform, asked)) program.addCommand(make());
  return program as unknown as CommandUnknownOpts;
}

/** Options take their time to make, so that of a known command only its own are made, and none where the version is asked. */
function commandsFor(perform: Perform, asked: string | undefined): (() => Command)[] {
  if (asked === "--version" || asked === "-V") return [];
  const commands = commandsOf(perform);
  const known = asked === undefined ? undefined : commands.get(asked);
  return known === undefined ? [...commands.values()] : [known];
}

/** In the order of the help. */
function commandsOf(perform: Perform): ReadonlyMap<string, () => Command> {
  const commands: Readonly<Record<string, () => unknown>> = {
    install: () =>
      installCommand().action((requirements, options) =>
        perform(async (host) => (await import("./commands/install.ts")).install(requirements, options, host)),
      ),
    download: () =>
      downloadCommand().action((requirements, options) =>
        perform(async (host) => (await import("./commands/download.ts")).download(requirements, options, host)),
      ),
    verify: () =>
      verifyCommand().action((requirements, options) =>
        perform(async (host) => (await import("./commands/verify.ts")).verify(requirements, options, host)),
      ),
    uninstall: () =>
      uninstallCommand().action((names, options) =>
        perform(async (host) => (await import("./commands/uninstall.ts")).uninstall(names, options, host)),
      ),
    audit: () =>
      auditCommand().action((options) =>
        perform(async (host) => (await import("./commands/audit.ts")).audit(options, host)),
      ),
    ext: () =>
      extCommand()
        .action((name, args, options) =>
          perform(async (host) => (await import("./commands/ext.ts")).ext(name, args, options, host)),
        )
        .addCommand(
          extSbomCommand().action((wheels, options) =>
            perform(async (host) => (await import("./commands/ext-sbom.ts")).extSbom(wheels, options, host)),
          ),
        )
        .addCommand(
          extNewCommand().action((name, options) =>
            perform(async (host) => (await import("./commands/ext-new.ts")).extNew(name, options, host)),
          ),
        ),
    plugins: () =>
      pluginsCommand().action((options) =>
        perform(async (host) => (await import("./commands/plugins.ts")).plugins(options, host)),
      ),
    lock: () =>
      lockCommand().action((requirements, options) =>
        perform(async (host) => (await import("./commands/lock.ts")).lock(requirements, options, host)),
      ),
    run: () =>
      runCommand().action((command, options) =>
        perform(async (host) => (await import("./commands/run.ts")).runBehindGate(command, options, host)),
      ),
    serve: () =>
      serveCommand().action((options) =>
        perform(async (host) => (await import("./commands/serve.ts")).serve(options, host)),
      ),
    bootstrap: () =>
      bootstrapCommand().action((options) =>
        perform(async (host) => (await import("./commands/bootstrap.ts")).bootstrap(options, host)),
      ),
    pip: () =>
      pipCommand().action((words, options) =>
        perform(async (host) => (await import("./commands/pip.ts")).pip(words, options, host)),
      ),
    attest: () =>
      attestCommand().action((files, options) =>
        perform(async (host) => (await import("./commands/attest.ts")).attest(files, options, host)),
      ),
    publish: () =>
      publishCommand().action((files, options) =>
        perform(async (host) => (await import("./commands/publish.ts")).publish(files, options, host)),
      ),
    policy: () =>
      new Command("policy")
        .description("write, validate, explain, test and compare policy files, and pin who signs")
        .addCommand(
          policyInitCommand().action((requirements, options) =>
            perform(async (host) =>
              (await import("./commands/policy-init.ts")).policyInit(requirements, options, host),
            ),
          ),
        )
        .addCommand(
          policyCheckCommand().action((files, options) =>
            perform(async (host) => (await import("./commands/policy.ts")).policyCheck(files, options, host)),
          ),
        )
        .addCommand(
          policyShowCommand().action((options) =>
            perform(async (host) => (await import("./commands/policy.ts")).policyShow(options, host)),
          ),
        )
        .addCommand(
          policyExplainCommand().action((project, options) =>
            perform(async (host) =>
              (await import("./commands/policy-explain.ts")).policyExplain(project, options, host),
            ),
          ),
        )
        .addCommand(
          policyTestCommand().action((files, options) =>
            perform(async (host) => (await import("./commands/policy-test.ts")).policyTest(files, options, host)),
          ),
        )
        .addCommand(
          policySchemaCommand().action((options) =>
            perform(async (host) => (await import("./commands/policy-schema.ts")).policySchema(options, host)),
          ),
        )
        .addCommand(
          policyPinCommand().action((requirements, options) =>
            perform(async (host) => (await import("./commands/policy-pin.ts")).policyPin(requirements, options, host)),
          ),
        )
        .addCommand(
          policyDiffCommand().action((older, newer, options) =>
            perform(async (host) =>
              (await import("./commands/policy-diff.ts")).policyDiff(older, newer, options, host),
            ),
          ),
        ),
    cache: () =>
      new Command("cache")
        .description("show and empty what is kept for later commands")
        .addCommand(
          cacheCommand("info", "say where the cache is and what it holds").action((options) =>
            perform(async (host) => (await import("./commands/cache.ts")).cacheInfo(options, host)),
          ),
        )
        .addCommand(
          cacheCommand("clear", "remove what tspip has put there").action((options) =>
            perform(async (host) => (await import("./commands/cache.ts")).cacheClear(options, host)),
          ),
        ),
    completion: () =>
      completionCommand().action((options) =>
        perform(async (host) =>
          (await import("./commands/completion.ts")).completion(options, createProgram(perform), host),
        ),
      ),
    doctor: () =>
      doctorCommand().action((options) =>
        perform(async (host) => (await import("./commands/doctor.ts")).doctor(options, host)),
      ),
    trust: () =>
      new Command("trust")
        .description("show and update the Sigstore trusted root")
        .addCommand(
          trustShowCommand().action((options) =>
            perform(async (host) => (await import("./commands/trust.ts")).trustShow(options, host)),
          ),
        )
        .addCommand(
          trustUpdateCommand().action((options) =>
            perform(async (host) => (await import("./commands/trust.ts")).trustUpdate(options, host)),
          ),
        ),
    key: () =>
      new Command("key")
        .description("make keys to sign with, and show them")
        .addCommand(
          keyNewCommand().action((file, options) =>
            perform(async (host) => (await import("./commands/key.ts")).keyNew(file, options, host)),
          ),
        )
        .addCommand(
          keyShowCommand().action((file, options) =>
            perform(async (host) => (await import("./commands/key.ts")).keyShow(file, options, host)),
          ),
        ),
    keyring: () =>
      new Command("keyring")
        .description("say which keys are current: make, sign, refresh and show a keyring")
        .addCommand(
          keyringInitCommand().action((folder, options) =>
            perform(async (host) => (await import("./commands/keyring-draft.ts")).keyringInit(folder, options, host)),
          ),
        )
        .addCommand(
          keyringAddCommand().action((folder, name, options) =>
            perform(async (host) =>
              (await import("./commands/keyring-draft.ts")).keyringAdd(folder, name, options, host),
            ),
          ),
        )
        .addCommand(
          keyringRemoveCommand().action((folder, name, options) =>
            perform(async (host) =>
              (await import("./commands/keyring-draft.ts")).keyringRemove(folder, name, options, host),
            ),
          ),
        )
        .addCommand(
          keyringSignCommand().action((folder, options) =>
            perform(async (host) => (await import("./commands/keyring-sign.ts")).keyringSign(folder, options, host)),
          ),
        )
        .addCommand(
          keyringRefreshCommand().action((folder, options) =>
            perform(async (host) => (await import("./commands/keyring-sign.ts")).keyringRefresh(folder, options, host)),
          ),
        )
        .addCommand(
          keyringShowCommand().action((folder, options) =>
            perform(async (host) => (await import("./commands/keyring-show.ts")).keyringShow(folder, options, host)),
          ),
        ),
    sign: () =>
      signCommand().action((files, options) =>
        perform(async (host) => (await import("./commands/sign.ts")).sign(files, options, host)),
      ),
  };
  return new Map(Object.entries(commands)) as ReadonlyMap<string, () => Command>;
}
