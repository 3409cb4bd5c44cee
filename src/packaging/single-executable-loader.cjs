"use strict";
// The first script of the single executable, and of its threads. All other parts of the program are assets of the
// executable and loaded from memory, by the name "sea:/" and their path: nothing is unpacked, so there is no folder
// in which somebody could change them.

const { mkdirSync, realpathSync, statSync } = require("node:fs");
const { enableCompileCache, createRequire, registerHooks } = require("node:module");
const { homedir } = require("node:os");
const { dirname, join, resolve } = require("node:path");
const { getAsset } = require("node:sea");
const { pathToFileURL } = require("node:url");
const { isMainThread, workerData } = require("node:worker_threads");

// Code of others in JavaScript runs in a process of its own, which tspip starts as
// `node --disable-warning=… --input-type=module -e CODE -- ARGUMENTS` (plugins/javascript-module.ts). That Node is us.
const [, , warnings = "", inputType, evaluate, code, ...rest] = process.argv;
const isNode = warnings.startsWith("--disable-warning=") && inputType === "--input-type=module" && evaluate === "-e";
/** As on Node, what such code imports is looked for from the working directory. */
const evaluated = pathToFileURL(`${process.cwd()}/[eval]`).href;

/** Format and source of what is not a file; nothing for all else. */
function held(url) {
  if (url === evaluated && isNode) return { format: "module", source: code };
  if (url === "sea:/evaluate") return { format: "commonjs", source: `import(${JSON.stringify(evaluated)});` };
  if (url.startsWith("sea:/")) return { format: "commonjs", source: getAsset(url.slice("sea:/".length), "utf8") };
  return undefined;
}

registerHooks({
  resolve(specifier, context, next) {
    const isBeside = specifier.startsWith("./") && context.parentURL?.startsWith("sea:/");
    const url = isBeside ? new URL(specifier, context.parentURL).href : specifier;
    return url.startsWith("sea:/") || url === evaluated ? { url, shortCircuit: true } : next(specifier, context);
  },
  load(url, context, next) {
    const module = held(url);
    return module === undefined ? next(url, context) : { ...module, shortCircuit: true };
  },
});

const load = createRequire(process.execPath);
if (!isMainThread) {
  load(workerData.entry);
} else if (isNode) {
  process.argv = [process.execPath, ...(rest[0] === "--" ? rest.slice(1) : rest)];
  load("sea:/evaluate");
} else {
  keepCompiled();
  load("sea:/dist/main.cjs");
}

/**
 * Code that was compiled before is run, and Node compares checksums of it only. The place where Node keeps it by itself is
 * below the machine's temporary folder, where anybody may have made it.
 */
function keepCompiled() {
  try {
    const folder = resolve(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "tspip-code");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (isPrivate(realpathSync(folder))) enableCompileCache(join(folder, "executable"));
  } catch {
    // Without such a folder, the program is compiled each time.
  }
}

/** The same rule as in memory/private-folder.ts. */
function isPrivate(folder) {
  const owner = process.geteuid();
  for (let at = folder; ; at = dirname(at)) {
    const { mode, uid } = statSync(at);
    if (uid !== owner && uid !== 0) return false;
    if (at === folder ? (mode & 0o022) !== 0 : (mode & 0o1002) === 0o0002) return false;
    if (dirname(at) === at) return true;
  }
}
