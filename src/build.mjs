/**
 * Bundles src/main.ts into dist/main.cjs. One CommonJS file with lazy parts starts in two thirds of the time that many
 * small ES modules take. Large packages that few commands need are files of their own in dist/vendor/, read when they are asked for.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cp, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { buildLayers } from "./build-layers.mjs";
import { createProgram } from "./cli/program.ts";
import { commandTree } from "./cli/reference/command-tree.ts";
import { manualPage } from "./cli/reference/manual.ts";
import { version } from "./cli/version.ts";

const outdir = new URL("../dist/", import.meta.url).pathname;
const source = (name) => new URL(name, import.meta.url).pathname;

/** Packages by the file that they go to. What is of one family shares its classes, so it shares a file. */
const vendors = {
  ajv: /^ajv(?:-|$)/,
  cyclonedx: /^(?:@cyclonedx\/|packageurl-js$)/,
  pg: /^pg$/,
  "prom-client": /^prom-client$/,
  sigstore: /^(?:@sigstore\/|@tufjs\/|sigstore$|tuf-js)/,
  undici: /^undici$/,
};
/** The specifiers that were imported, by file. */
const wanted = Object.fromEntries(Object.keys(vendors).map((file) => [file, new Set()]));

const apart = {
  name: "vendors",
  setup({ onResolve, onLoad }) {
    for (const [file, filter] of Object.entries(vendors)) {
      onResolve({ filter }, ({ path, importer }) =>
        importer.includes("/node_modules/") ? undefined : { path, namespace: "vendor", pluginData: file },
      );
    }
    onResolve({ filter: /^\.\/vendor\//, namespace: "vendor" }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /^/, namespace: "vendor" }, ({ path, pluginData: file }) => {
      wanted[file].add(path);
      return { contents: `module.exports = require("./vendor/${file}.cjs")[${JSON.stringify(path)}];` };
    });
  },
};

/** Commander can start commands that are programs of their own; ours are none, and what it needs for that loads slowly. */
const noPrograms = {
  name: "no programs",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes("/node_modules/commander/") ? { path: "child_process", namespace: "none" } : undefined,
    );
    onLoad({ filter: /^/, namespace: "none" }, () => ({ contents: "module.exports = {};" }));
  },
};

/**
 * packageurl-js takes a collator to put a handful of words in order while it is loaded. The first one takes Node.js ten
 * milliseconds to make.
 */
const noCollator = {
  define: { "Intl.Collator": "ByCodeUnit" },
  banner: { js: "class ByCodeUnit { compare(a, b) { return a < b ? -1 : a > b ? 1 : 0; } }" },
};

const common = {
  bundle: true,
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  platform: "node",
  target: "node22",
  // As require: code that was compiled as a script (load-built.cjs) has no import(), which would load what is CommonJS later.
  supported: { "dynamic-import": false },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "linked",
  // Optional parts of cyclonedx-library that tspip does not use: XML output, and validators with native code.
  external: ["xmlbuilder2", "libxmljs2"],
  logLevel: "warning",
  metafile: true,
};

/** The packages of node_modules of which something was taken, by their folders; one may lie in that of another. */
const bundled = new Set();
const remember = ({ metafile }) => {
  for (const path of Object.keys(metafile.inputs)) {
    const [, folder] = /^node_modules\/((?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
    if (folder !== undefined) bundled.add(folder);
  }
};

const program = {
  ...common,
  plugins: [apart, noPrograms],
  define: { "import.meta.url": "importMetaUrl" },
  // In the single executable, names of files are URLs (packaging/single-executable-loader.cjs).
  banner: {
    js: 'const importMetaUrl = __filename.startsWith("sea:") ? __filename : require("node:url").pathToFileURL(__filename).href;',
  },
};

await rm(outdir, { recursive: true, force: true });
const layers = {
  main: [source("main.ts")],
  nouns: [
    source("distribution/digest.ts"),
    source("distribution/filename.ts"),
    source("distribution/requirement.ts"),
    source("environment/environment.ts"),
    source("cli/report/format.ts"),
  ],
  gate: [source("cli/commands/verify.ts")],
  // What looks into files, at their attestations and signatures: a lock gate that remembers them needs none of it.
  look: [
    source("inspect/verifier.ts"),
    source("inspect/inspect-wheel.ts"),
    source("inspect/wheel-signatures.ts"),
    source("cli/gate/dependencies.ts"),
    source("trust/trusted-root.ts"),
    source("trust/embedded-trusted-root.ts"),
    // What is installed, which SBOMs have in common with other commands.
    source("environment/scan.ts"),
    source("cli/audit/environments.ts"),
    source("cli/program-digest.ts"),
    source("cli/source-date.ts"),
  ],
  // Commands whose start is a good part of their time.
  sbom: [source("cli/commands/ext-sbom.ts")],
  run: [source("cli/commands/run.ts"), source("cli/serving/watched-index.ts")],
  // What opens connections: many commands come to it late, and need nothing else that comes late.
  connect: [source("package-index/dispatcher.ts")],
  rest: [],
};
for (const layer of await buildLayers(layers, outdir, program)) remember(layer);
const apartFromIt = await build({
  ...program,
  entryPoints: {
    // Threads start from files of their own (threads/pool.ts).
    "audit-thread": source("audit/audit-thread.ts"),
    "wheel-thread": source("inspect/wheel-thread.ts"),
    // So does the process that inspectors in JavaScript run in (plugins/javascript-module.ts).
    "javascript-shim": source("plugins/javascript-shim.ts"),
  },
  outdir,
});
remember(apartFromIt);
for (const [file, specifiers] of Object.entries(wanted)) {
  // In order: esbuild resolves at once what it finds, so they come differently each time.
  const members = [...specifiers].sort().map((path) => `${JSON.stringify(path)}: require(${JSON.stringify(path)})`);
  const vendor = await build({
    ...common,
    ...(file === "cyclonedx" && noCollator),
    stdin: { contents: `module.exports = { ${members.join(", ")} };`, resolveDir: source("..") },
    outfile: `${outdir}vendor/${file}.cjs`,
    outExtension: undefined,
  });
  remember(vendor);
}
sign(readdirSync(outdir, { recursive: true }).filter((name) => name.endsWith(".cjs")));
// For cli/audit/sbom-validate.ts.
const schemas = source("../node_modules/@cyclonedx/cyclonedx-library/res/schema/");
for (const name of ["bom-1.6", "bom-1.7", "spdx", "jsf-0.82", "cryptography-defs"])
  await cp(`${schemas}${name}.SNAPSHOT.schema.json`, `${outdir}schemas/${name}.SNAPSHOT.schema.json`);
await writeFile(`${outdir}tspip.1`, manualPage(commandTree(createProgram(async () => {})), version));
await writeFile(`${outdir}bundled.json`, JSON.stringify([...bundled].sort()));

/** Writes into the first line of the program what it was built from; load-built.cjs reads that, and ASCII alone. */
function sign(names) {
  const digest = createHash("sha256");
  for (const name of names.sort()) {
    const content = readFileSync(`${outdir}${name}`);
    if (content.some((byte) => byte > 0x7f)) throw new Error(`dist/${name} is not in ASCII: write \\u escapes`);
    digest.update(content);
  }
  const main = readFileSync(`${outdir}main.cjs`);
  writeFileSync(`${outdir}main.cjs`, `//${digest.digest("hex")}\n${main}`);
}
