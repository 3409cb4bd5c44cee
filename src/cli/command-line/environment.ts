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

export function extCommand() {
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

export function extNewCommand() {
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

export function pluginsCommand() {
  return new Command("plugins")
    .description("list the inspectors from others that there are, enabled or not, and why; none is loaded")
    .addOption(listFormat());
}

export function extSbomCommand() {
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
