import { Command, Option } from "@commander-js/extra-typings";
import { collect, indexOptionsOf, listFormat, trustOptionsOf, withOutput, withReport } from "./options.ts";

/** The commands that look at environments and change none. */

export type AuditOptions = ReturnType<ReturnType<typeof auditCommand>["opts"]>;
export type ExtOptions = ReturnType<ReturnType<typeof extCommand>["opts"]>;
export type ExtSbomOptions = ReturnType<ReturnType<typeof extSbomCommand>["opts"]>;
export type ExtNewOptions = ReturnType<ReturnType<typeof extNewCommand>["opts"]>;
export type PluginsOptions = ReturnType<ReturnType<typeof pluginsCommand>["opts"]>;

export function auditCommand() {
  const command = trustOptionsOf(
    indexOptionsOf(
      environmentCommand("audit")
        .description("find what has changed in an environment since it was installed, without running any of it")
        .addOption(
          new Option("--fail-on <severity>", "exit with 1 for findings of this severity or higher")
            .choices(["error", "warning", "note"] as const)
            .default("error" as const),
        )
        .option("--baseline <file>", "leave out what an earlier report (--format json=FILE) already has")
        .option("--osv <dir>", "known vulnerabilities: a folder of advisories in OSV format")
        .option(
          "--chain <name>",
          "print what is known about one distribution, link by link, from the lock to its files",
        )
        .option("--lock <file>", "the lock file that the chain begins with")
        .option("--online", "ask the index what has become of the installed releases; with --policy, judge them")
        .option("--deep", "with --online: download the archives, and compare their RECORDs with the installed ones"),
    ),
  );
  return withReport(command);
}

export function extCommand() {
  return new Command("ext")
    .description("run an extension command; put options for tspip before its name")
    .argument("[name]", "the extension command")
    .argument("[args...]", "the command's own arguments, which tspip does not touch")
    .passThroughOptions()
    .option("--list", "list all extension commands")
    .addOption(listFormat())
    .option("--venv <dir>", "the environment it works on; by default the active one")
    .option("-p, --python <exe>", "the environment of an interpreter")
    .option("--policy <file>", "the policy that it is told about; by default the one that tspip.toml names");
}

export function extNewCommand() {
  return new Command("new")
    .description("create a folder with a small inspector or extension command and its test, to start from")
    .argument("<name>", "its name")
    .addOption(
      new Option("--kind <kind>", "what it is").choices(["inspector", "command"] as const).makeOptionMandatory(),
    )
    .addOption(
      new Option("--language <language>", "what it is written in")
        .choices(["ts", "python"] as const)
        .makeOptionMandatory(),
    );
}

export function pluginsCommand() {
  return new Command("plugins")
    .description("list inspectors, enabled or not, and say why; load none of them")
    .addOption(listFormat());
}

export function extSbomCommand() {
  return withOutput(
    environmentCommand("sbom")
      .description("write the CycloneDX SBOM of what is installed, locked or required, without running any of it")
      .argument("[wheels...]", "wheels, and folders of wheels, instead of an environment")
      .option("-r, --requirement <file>", "what a requirements file lists, without resolving it (repeatable)", collect)
      .option("--lock <file>", "every package of a lock file, for any environment")
      .optionsGroup("The document:")
      .option("-o, --output <file>", "the file to write; by default stdout")
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
      .option("--validate", "check the document against the official schema before writing it")
      .option("--files", "list every file of each distribution with its hash")
      .option("--license-texts", "include the texts of licence files")
      .option(
        "--vex <file>",
        "include what a CycloneDX or OpenVEX document says about vulnerabilities (repeatable)",
        collect,
      )
      .optionsGroup("Output:"),
  );
}

/** A command that looks at environments and changes none. */
function environmentCommand(name: string) {
  return new Command(name)
    .optionsGroup("What to look at:")
    .option("--venv <dir>", "a virtual environment; by default the active one")
    .option("--path <dir>", "a folder of importable packages (repeatable)", collect)
    .option("--discover <dir>", "every virtual environment below a folder (repeatable)", collect)
    .option("-p, --python <exe>", "start this interpreter, isolated, and ask it where its packages are");
}
