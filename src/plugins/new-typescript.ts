import type { NewFiles } from "./new-files.ts";

/** The start of a TypeScript module and its test. Node.js runs both as they are, and nothing is to be installed. */
export function typescriptFiles(name: string, kind: "inspector" | "command"): NewFiles {
  const [code, test] = kind === "inspector" ? [inspector, inspectorTest] : [command, commandTest];
  return {
    "package.json": `${JSON.stringify({ name, version: "0.1.0", private: true, type: "module", exports: `./${name}.ts` }, null, 2)}\n`,
    [`${name}.ts`]: code(name),
    [`${name}.test.ts`]: test(name),
  };
}

const inspector = (
  name: string,
) => `/** ${name}: an inspector for tspip. It refuses by throwing InspectionRefused, and returns nothing. */

/** What of an artifact's description is used here; docs/ext.md of tspip has the whole. */
interface Reference {
  readonly project: string;
  readonly filename: string;
}

/** tspip knows it by its name. */
class InspectionRefused extends Error {
  override name = "InspectionRefused";
}

const denied = new Set(["example-of-a-denied-project"]);

export function plugin_type(): string {
  return "dist-inspector";
}

/** What tspip.toml has under options. */
export function configure(options: { readonly deny?: readonly string[] }): void {
  for (const project of options.deny ?? []) denied.add(project);
}

/** Before the first byte of a file is asked for. */
export async function pre_download(_url: string, { project }: Reference): Promise<void> {
  if (denied.has(project)) throw new InspectionRefused(\`\${project} is denied\`);
}
`;

const inspectorTest = (name: string) => `import assert from "node:assert/strict";
import { test } from "node:test";
import { configure, pre_download } from "./${name}.ts";

test("refuses what is denied, and lets others pass", async () => {
  configure({ deny: ["evil"] });
  const evil = { project: "evil", filename: "evil-1.0.tar.gz" };
  await assert.rejects(pre_download("https://files.example/evil-1.0.tar.gz", evil), { name: "InspectionRefused" });
  await pre_download("https://files.example/good-1.0.tar.gz", { project: "good", filename: "good-1.0.tar.gz" });
});
`;

const command = (name: string) => `/** ${name}: an extension command for tspip. */

import { env } from "node:process";

export const description = "says which environment it works on";

/** Its number is the exit code. */
export function main(args: readonly string[]): number {
  const text = env.TSPIP_ENVIRONMENT ?? "no environment";
  console.log(args.includes("--shout") ? text.toUpperCase() : text);
  return 0;
}
`;

const commandTest = (name: string) => `import assert from "node:assert/strict";
import { env } from "node:process";
import { test } from "node:test";
import { main } from "./${name}.ts";

test("says the environment", (context) => {
  env.TSPIP_ENVIRONMENT = "/env";
  const log = context.mock.method(console, "log", () => {});
  assert.equal(main(["--shout"]), 0);
  assert.deepEqual(log.mock.calls[0]?.arguments, ["/ENV"]);
});
`;
