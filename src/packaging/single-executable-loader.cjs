"use strict";
// The first script of the single executable, and of its threads. All other parts of the program are assets of the
// executable and loaded from memory, by the name "sea:/" and their path: nothing is unpacked, so there is no folder
// in which somebody could change them.

const { createRequire, isBuiltin, registerHooks } = require("node:module");
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
  if (url.startsWith("sea:/")) return { format: "commonjs", source: asset(url) };
  return undefined;
}

function asset(url) {
  return getAsset(url.slice("sea:/".length), "utf8");
}

registerHooks({
  resolve(specifier, context, next) {
    const isOurs = context.parentURL?.startsWith("sea:/") === true;
    const isBeside = specifier.startsWith("./") && isOurs;
    const url = isBeside ? new URL(specifier, context.parentURL).href : specifier;
    if (url.startsWith("sea:/") || url === evaluated) return { url, shortCircuit: true };
    // Node would look for it from the working directory.
    if (isOurs && !isBuiltin(specifier)) throw new Error(`Cannot find module '${specifier}'`);
    return next(specifier, context);
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
  load("sea:/src/load-built.cjs").loadBuilt("sea:/dist", asset);
}
