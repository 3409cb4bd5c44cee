import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { EnvironmentError, messageOf, UsageError } from "../../errors.ts";
import type { NewFiles } from "../../plugins/new-files.ts";
import { pythonFiles } from "../../plugins/new-python.ts";
import { typescriptFiles } from "../../plugins/new-typescript.ts";
import type { ExtNewOptions } from "../command-line/environment.ts";
import { exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";

/** `tspip ext new`: a folder with something that works, and what to do next. */
export async function extNew(name: string, { kind, language }: ExtNewOptions, host: Host): Promise<number> {
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    throw new UsageError("invalid-name", `"${name}" is no name for it: use lower-case letters, digits and hyphens`);
  const files = language === "python" ? pythonFiles(name, kind) : typescriptFiles(name, kind);
  await writeFolder(resolve(host.cwd, name), name, files);
  const written = Object.keys(files).map((file) => `${name}/${file}\n`);
  host.stdout.write(`${written.join("")}\n${nextSteps(name, kind, language)}`);
  return exitCodes.done;
}

async function writeFolder(folder: string, label: string, files: NewFiles): Promise<void> {
  try {
    await mkdir(folder);
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST")
      throw new UsageError("already-there", `There is a "${label}" already`, { hint: "Choose another name" });
    throw new EnvironmentError("cannot-write", `Cannot write "${label}": ${messageOf(error)}`, { cause: error });
  }
}

function nextSteps(name: string, kind: ExtNewOptions["kind"], language: ExtNewOptions["language"]): string {
  const table = kind === "inspector" ? "inspector" : "extension";
  if (language === "ts") {
    const enabled = `[[${table}]]\nname = "${name}"\nmodule = "./${name}/${name}.ts"`;
    return `Test it: node --test ${name}/*.test.ts\nEnable it in tspip.toml:\n\n${enabled}\n`;
  }
  const test = `Test it: (cd ${name} && python3 -m unittest)\nBuild a wheel and install it where it is to run: pip wheel --no-deps ./${name}\n`;
  if (kind === "command") return `${test}Run it: tspip ext ${name}\n`;
  const enabled = `[plugins]\npython = "PATH/bin/python"\n\n[[inspector]]\nname = "${name}"`;
  return `${test}Enable it in tspip.toml:\n\n${enabled}\n`;
}
