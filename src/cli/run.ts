import { CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { exitCodeOfError, exitCodes } from "./exit-code.ts";
import type { Host } from "./host.ts";
import { type Actions, createProgram } from "./program.ts";
import { renderError } from "./render/error.ts";
import { printable } from "./terminal.ts";

/** Runs one command line and returns its exit code. Each command's code is loaded when it is called. */
export async function run(argv: readonly string[], host: Host): Promise<number> {
  let exitCode: number = exitCodes.done;
  const actions: Actions = {
    install: async (...given) => {
      exitCode = await (await import("./commands/install.ts")).install(...given, host);
    },
    download: async (...given) => {
      exitCode = await (await import("./commands/download.ts")).download(...given, host);
    },
    verify: async (...given) => {
      exitCode = await (await import("./commands/verify.ts")).verify(...given, host);
    },
    uninstall: async (...given) => {
      exitCode = await (await import("./commands/uninstall.ts")).uninstall(...given, host);
    },
    audit: async (...given) => {
      exitCode = await (await import("./commands/audit.ts")).audit(...given, host);
    },
    ext: async (...given) => {
      exitCode = await (await import("./commands/ext.ts")).ext(...given, host);
    },
    extSbom: async (...given) => {
      exitCode = await (await import("./commands/ext-sbom.ts")).extSbom(...given, host);
    },
    extNew: async (...given) => {
      exitCode = await (await import("./commands/ext-new.ts")).extNew(...given, host);
    },
    plugins: async (...given) => {
      exitCode = await (await import("./commands/plugins.ts")).plugins(...given, host);
    },
    lock: async (...given) => {
      exitCode = await (await import("./commands/lock.ts")).lock(...given, host);
    },
    run: async (...given) => {
      exitCode = await (await import("./commands/run.ts")).runBehindGate(...given, host);
    },
    serve: async (...given) => {
      exitCode = await (await import("./commands/serve.ts")).serve(...given, host);
    },
    bootstrap: async (...given) => {
      exitCode = await (await import("./commands/bootstrap.ts")).bootstrap(...given, host);
    },
    pip: async (...given) => {
      exitCode = await (await import("./commands/pip.ts")).pip(...given, host);
    },
    publish: async (...given) => {
      exitCode = await (await import("./commands/publish.ts")).publish(...given, host);
    },
    attest: async (...given) => {
      exitCode = await (await import("./commands/attest.ts")).attest(...given, host);
    },
    policyCheck: async (...given) => {
      exitCode = await (await import("./commands/policy.ts")).policyCheck(...given, host);
    },
    policyShow: async (...given) => {
      exitCode = await (await import("./commands/policy.ts")).policyShow(...given, host);
    },
    cacheInfo: async (...given) => {
      exitCode = await (await import("./commands/cache.ts")).cacheInfo(...given, host);
    },
    cacheClear: async (...given) => {
      exitCode = await (await import("./commands/cache.ts")).cacheClear(...given, host);
    },
    policyInit: async (...given) => {
      exitCode = await (await import("./commands/policy-init.ts")).policyInit(...given, host);
    },
    policyExplain: async (...given) => {
      exitCode = await (await import("./commands/policy-explain.ts")).policyExplain(...given, host);
    },
    policyTest: async (...given) => {
      exitCode = await (await import("./commands/policy-test.ts")).policyTest(...given, host);
    },
    policySchema: async (...given) => {
      exitCode = (await import("./commands/policy-schema.ts")).policySchema(...given, host);
    },
    policyPin: async (...given) => {
      exitCode = await (await import("./commands/policy-pin.ts")).policyPin(...given, host);
    },
    policyDiff: async (...given) => {
      exitCode = await (await import("./commands/policy-diff.ts")).policyDiff(...given, host);
    },
    completion: async (...given) => {
      exitCode = await (await import("./commands/completion.ts")).completion(...given, host);
    },
    doctor: async (...given) => {
      exitCode = await (await import("./commands/doctor.ts")).doctor(...given, host);
    },
    trustShow: async (...given) => {
      exitCode = await (await import("./commands/trust.ts")).trustShow(...given, host);
    },
    trustUpdate: async (...given) => {
      exitCode = await (await import("./commands/trust.ts")).trustUpdate(...given, host);
    },
    keyNew: async (...given) => {
      exitCode = await (await import("./commands/key.ts")).keyNew(...given, host);
    },
    keyShow: async (...given) => {
      exitCode = await (await import("./commands/key.ts")).keyShow(...given, host);
    },
    keyringInit: async (...given) => {
      exitCode = await (await import("./commands/keyring.ts")).keyringInit(...given, host);
    },
    keyringAdd: async (...given) => {
      exitCode = await (await import("./commands/keyring.ts")).keyringAdd(...given, host);
    },
    keyringRemove: async (...given) => {
      exitCode = await (await import("./commands/keyring.ts")).keyringRemove(...given, host);
    },
    keyringSign: async (...given) => {
      exitCode = await (await import("./commands/keyring.ts")).keyringSign(...given, host);
    },
    keyringRefresh: async (...given) => {
      exitCode = await (await import("./commands/keyring.ts")).keyringRefresh(...given, host);
    },
    keyringShow: async (...given) => {
      exitCode = await (await import("./commands/keyring.ts")).keyringShow(...given, host);
    },
    sign: async (...given) => {
      exitCode = await (await import("./commands/sign.ts")).sign(...given, host);
    },
  };
  const program = createProgram(actions, argv[0]);
  const withoutArguments = argv.length === 0;
  try {
    settle(program, host);
    await program.parseAsync(withoutArguments ? ["--help"] : argv, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has printed its message; asked-for help and version are no mistake, and it calls every mistake 1.
    if (error instanceof CommanderError)
      return error.exitCode === 0 && !withoutArguments ? exitCodes.done : exitCodes.wrongRequest;
    if (host.signal.aborted) return exitCodes.interrupted;
    renderError(error, host);
    return exitCodeOfError(error);
  }
}

/** Commander's settings are not inherited by commands made elsewhere: no exit of its own, our streams. */
function settle(command: CommandUnknownOpts, host: Host): void {
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => host.stdout.write(text),
    writeErr: (text) => host.stderr.write(printable(text)),
  });
  for (const child of command.commands) settle(child, host);
}
