/** Bundles src/main.ts into dist/: one small entry and one chunk a command, so that a command loads only its own. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const outdir = new URL("../dist/", import.meta.url).pathname;

const source = (name) => new URL(name, import.meta.url).pathname;

/** CommonJS packages in the bundle ask for these. To make them takes time at each start, so only where they are used. */
const commonJs = [
  'import { createRequire as $createRequire } from "node:module";',
  'import { dirname as $dirname } from "node:path";',
  "const require = $createRequire(import.meta.url);",
  "const __filename = import.meta.filename, __dirname = $dirname(__filename);",
].join("\n");

const { outputFiles } = await build({
  entryPoints: {
    main: source("main.ts"),
    // Threads start from files of their own (threads/pool.ts).
    "audit-thread": source("audit/audit-thread.ts"),
    "wheel-thread": source("inspect/wheel-thread.ts"),
  },
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22",
  minifySyntax: true,
  legalComments: "linked",
  // Optional parts of cyclonedx-library that tspip does not use: XML output, and validators with native code.
  external: ["xmlbuilder2", "libxmljs2"],
  logLevel: "warning",
  write: false,
});

await rm(outdir, { recursive: true, force: true });
await mkdir(outdir, { recursive: true });
for (const { path, text } of outputFiles) {
  const usesCommonJs = /\b(?:require|__filename|__dirname)\b/.test(text);
  await writeFile(path, usesCommonJs ? `${commonJs}\n${text}` : text);
}
