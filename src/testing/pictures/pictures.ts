import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeWheel, type WheelDescription } from "../make-wheel.ts";
import { temporaryFolder } from "../tree.ts";
import { typeCommand } from "../type-command.ts";
import { terminalSvg } from "./terminal-svg.ts";

/**
 * The pictures of the README: what the program prints now, about a real wheel with its real attestation and one of ours.
 * `npm run pictures` writes them.
 */
export const folder = new URL("../../../docs/pictures/", import.meta.url);

const real = "circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl";
const invoices = {
  name: "invoices",
  version: "2.4.0",
  files: { "invoices/totals.py": "def total(rows): return sum(rows)\n" },
};

const install = ["install", "--venv", ".venv", "--sbom", "sbom.cdx.json"];

/** By file name. */
export async function pictures(): Promise<ReadonlyMap<string, string>> {
  const changed = { ...invoices, altered: { "invoices/totals.py": "import os; os.system('curl -s https://…')\n" } };
  return new Map([
    [
      "allowed.svg",
      terminalSvg("Every file is what its RECORD says", await typed(invoices, [install, ["audit", "--venv", ".venv"]])),
    ],
    ["refused.svg", terminalSvg("Somebody changed a file of invoices", await typed(changed, [install]))],
  ]);
}

/** What one sees who types the commands one after the other, until one fails, in a folder with both wheels. */
async function typed(wheel: WheelDescription, commands: readonly (readonly string[])[]): Promise<string> {
  using place = temporaryFolder();
  for (const name of [real, `${real}.publish.attestation`])
    copyFileSync(new URL(`../../../testdata/real/${name}`, import.meta.url), join(place.path, name));
  const { filename, bytes } = makeWheel(wheel);
  writeFileSync(join(place.path, filename), bytes);
  const seen: string[] = [];
  const screen = { isTTY: false, write: (text: string) => void seen.push(text) };
  for (const [command = "", ...options] of commands) {
    const wheels = command === "install" ? ["*.whl"] : [];
    if (seen.length > 0) seen.push("\n");
    seen.push(prompt(["tspip", command, ...options, ...wheels].join(" ")));
    const files = wheels.length > 0 ? ["--offline", real, filename] : [];
    const more = { stdout: screen, stderr: screen, env: { FORCE_COLOR: "1" } };
    const { exitCode } = await typeCommand(place.path, [command, ...options, ...files], more);
    if (exitCode !== 0) seen.push(prompt("echo $?"), `${exitCode}\n`);
  }
  return seen.join("");
}

function prompt(command: string): string {
  return `\u001b[36m$\u001b[39m \u001b[1m${command}\u001b[22m\n`;
}

if (import.meta.main) {
  mkdirSync(folder, { recursive: true });
  for (const [name, svg] of await pictures()) writeFileSync(new URL(name, folder), svg);
}
