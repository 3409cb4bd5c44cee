import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { fileDigest, packageDigest } from "./installed-digest.ts";

/** A module that tspip.toml names: a file of the project, or an npm package that is installed for it. */
export interface FoundModule {
  /** What `import()` takes. */
  readonly specifier: string;
  /** The file, or the folder of the package. */
  readonly place: string;
  readonly kind: "file" | "package";
}

/** Nothing where it is not there. Nothing of it is run. */
export async function findModule(module: string, cwd: string): Promise<FoundModule | undefined> {
  if (/^(?:\.\.?)?\//.test(module)) {
    const place = resolve(cwd, module);
    return existsSync(place) ? { specifier: pathToFileURL(place).href, place, kind: "file" } : undefined;
  }
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(module)?.[0] ?? module;
  for (let folder = cwd; ; folder = dirname(folder)) {
    const place = join(folder, "node_modules", name);
    if (existsSync(join(place, "package.json"))) return { specifier: module, place, kind: "package" };
    if (folder === dirname(folder)) return undefined;
  }
}

/** What `sha256` in tspip.toml is compared with. @throws Error when a file cannot be read */
export async function moduleDigest({ kind, place }: FoundModule): Promise<string> {
  return kind === "file" ? fileDigest(place) : packageDigest(await realpath(place));
}

/** The command of the shim; in the bundle it is the entry of that name (src/build.mjs). */
export function javascriptCommand(node: string): string[] {
  const shim = new URL(`./javascript-shim.${import.meta.url.endsWith(".ts") ? "ts" : "cjs"}`, import.meta.url);
  // `import()` here resolves from the working directory, which is the project's folder. The channel is a socket that
  // nothing waits for when the process ends; reading the descriptor as a file would keep it from ending.
  const start = [
    'import { argv } from "node:process";',
    'import { Socket } from "node:net";',
    "const { serve } = await import(argv[1]);",
    "await serve((module) => import(module), new Socket({ fd: 3 }));",
  ].join("\n");
  return [node, "--disable-warning=ExperimentalWarning", "--input-type=module", "-e", start, shim.href];
}

/** The command that runs an extension: its module's `main(args)`, whose number is the exit code. */
export function extensionCommand(node: string, specifier: string, args: readonly string[]): string[] {
  const start = [
    'import host from "node:process";',
    "const [specifier, ...args] = host.argv.slice(1);",
    "const { default: main, ...named } = await import(specifier);",
    "const extension = { ...main, ...named };",
    "const code = await extension.main(args);",
    'if (typeof code === "number") host.exitCode = code;',
  ].join("\n");
  return [node, "--disable-warning=ExperimentalWarning", "--input-type=module", "-e", start, "--", specifier, ...args];
}

/** The command that prints an extension's `description`, a text or a function. */
export function descriptionCommand(node: string, specifier: string): string[] {
  const start = [
    'import host from "node:process";',
    "const { default: main, ...named } = await import(host.argv[1]);",
    "const { description = '' } = { ...main, ...named };",
    "const text = typeof description === 'function' ? await description() : description;",
    "host.stdout.write(String(text), () => host.exit());",
  ].join("\n");
  return [node, "--disable-warning=ExperimentalWarning", "--input-type=module", "-e", start, "--", specifier];
}
