import { Option } from "@commander-js/extra-typings";
import { evidenceOptionsOf, gateCommand, indexOptionsOf, requestCommand, talkCommand, withOutput } from "./options.ts";

/** `tspip policy …` */

export type PolicyInitOptions = ReturnType<ReturnType<typeof policyInitCommand>["opts"]>;
export type PolicyCheckOptions = ReturnType<ReturnType<typeof policyCheckCommand>["opts"]>;
export type PolicyShowOptions = ReturnType<ReturnType<typeof policyShowCommand>["opts"]>;
export type PolicyTestOptions = ReturnType<ReturnType<typeof policyTestCommand>["opts"]>;
export type PolicyExplainOptions = ReturnType<ReturnType<typeof policyExplainCommand>["opts"]>;
export type PolicySchemaOptions = ReturnType<ReturnType<typeof policySchemaCommand>["opts"]>;
export type PolicyPinOptions = ReturnType<ReturnType<typeof policyPinCommand>["opts"]>;
export type PolicyDiffOptions = ReturnType<ReturnType<typeof policyDiffCommand>["opts"]>;

export function policyInitCommand() {
  const command = withOutput(evidenceOptionsOf(indexOptionsOf(requestCommand("init"))));
  return command
    .description("write a policy that fits what you use: which projects are attested, and by whom")
    .argument("[requirements...]", "requirements, files, and folders of files; by default the lock file in this folder")
    .optionsGroup("The policy:")
    .option("-o, --output <file>", "the file to write; - is stdout", "policy.toml")
    .option("--force", "overwrite an existing file");
}

export function policyCheckCommand() {
  return talkCommand("check")
    .description("validate policy files and report every mistake")
    .argument("[files...]", "policy files; by default the policy in force")
    .option("--policy <file>", "the policy file, instead of the one in force");
}

export function policyShowCommand() {
  return talkCommand("show")
    .description("print the policy in force")
    .option("--policy <file>", "the policy file, instead of the one in force");
}

export function policyExplainCommand() {
  return talkCommand("explain")
    .description("say which rule applies to a project and why, what it asks for, and what would satisfy it")
    .argument("<project>", "a project, or one version of it: NAME or NAME==VERSION")
    .option("--policy <file>", "the policy file, instead of the one in force")
    .addOption(
      new Option("--format <format>", "the form of the answer")
        .choices(["text", "json"] as const)
        .default("text" as const),
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

export function policyTestCommand() {
  return talkCommand("test")
    .description("test policies by their cases of what each admits and refuses; exit code 1 if one fails")
    .argument("[files...]", "policy files; by default the policy in force")
    .option("--policy <file>", "the policy file, instead of the one in force")
    .option("--cases <file>", "the cases; by default cases.json beside the policy");
}

export function policySchemaCommand() {
  return talkCommand("schema").description("print the JSON Schema of policy files, for editors");
}

export function policyPinCommand() {
  return gateCommand("pin")
    .description("pass artifacts through the gate, and pin who signed them, to compare later releases with")
    .argument("[requirements...]", "requirements, files, and folders of files");
}

export function policyDiffCommand() {
  return talkCommand("diff")
    .description("say what a change in a policy or pins file means; exit code 1 if anything is weaker")
    .argument("<old>", "a policy or pins file")
    .argument("<new>", "the file that replaces it");
}
