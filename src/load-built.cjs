"use strict";
const {
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  closeSync,
  fsyncSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} = require("node:fs");
const { homedir } = require("node:os");
const { dirname, isAbsolute, join } = require("node:path");
const { Script } = require("node:vm");

/**
 * Loads the built program with the bytecode that earlier runs of the same command have left. In Node's own compile cache
 * is no function that was compiled after its file was loaded, as nearly all are; and it lies in the machine's temporary
 * folder, where anybody may have made it.
 */

/** Each command has functions of its own, and others of them for a lock file. */
const command = /^[a-z]{1,20}$/.test(process.argv[2]) ? process.argv[2] : "other";
const use = process.argv.some((word) => word.startsWith("--lock")) ? `${command}-lock` : command;
const modules = new Map();
/** Scripts that the cache had nothing of, by the path where it should lie. */
const fresh = new Map();
let cache;

/**
 * @param dist the folder of the built program, which starts in its main.cjs
 * @param readSource gives the text of a file in it: the single executable has its own way
 */
exports.loadBuilt = function loadBuilt(dist, readSource = readFromDisk) {
  const main = readSource(join(dist, "main.cjs"));
  // The first line is a comment that says what it was built from (build.mjs).
  cache = openCache(main.slice(2, 18));
  process.on("exit", keepFresh);
  run("main.cjs", main);

  function load(name) {
    return modules.get(name)?.exports ?? run(name, readSource(join(dist, name)));
  }

  function run(name, source) {
    const filename = join(dist, name);
    const module = { exports: {} };
    modules.set(name, module);
    const wrapped = compile(name, filename, source);
    wrapped(module.exports, requireFor, module, filename, dist);
    return module.exports;
  }

  function requireFor(id) {
    if (id.startsWith("./")) return load(id.slice(2));
    return late.get(id) ?? ofNode(id);
  }
};

/** Parts of Node.js that take a millisecond or more to load. Many modules name them, and most commands never call them. */
const late = new Map(
  ["node:fs/promises", "node:timers/promises", "node:tty", "node:v8", "node:worker_threads", "node:zlib"].map((id) => [
    id,
    new Proxy({}, { get: (known, name) => (known[name] ??= require(id)[name]) }),
  ]),
);

/**
 * All else is bundled, but for optional parts that bundled packages look for and do without. What lies by their names in a node_modules
 * above the program, or where it is called, is code of whoever made that folder.
 */
function ofNode(id) {
  if (process.getBuiltinModule(id) !== undefined) return require(id);
  throw Object.assign(new Error(`Cannot find module '${id}'`), { code: "MODULE_NOT_FOUND" });
}

/** Files of the program are ASCII: that is read most quickly. */
function readFromDisk(filename) {
  return readFileSync(filename, "latin1");
}

function compile(name, filename, source) {
  const kept = cache && join(cache, `${name.replace("/", "-")}-${use}`);
  const cachedData = kept && readKept(kept);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename,
    cachedData,
  });
  // V8 refuses what another V8, or one with other flags, has made.
  if (kept !== undefined && (cachedData === undefined || script.cachedDataRejected)) {
    // V8 would drop functions that were not called for a while, such as all of the start.
    require("node:v8").setFlagsFromString("--no-flush-bytecode");
    fresh.set(kept, script);
  }
  return script.runInThisContext();
}

function readKept(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** What lies there is run: it must be a folder of the user's own, in which nobody else can put anything. */
function openCache(build) {
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return undefined;
  try {
    // Not in tspip's own cache: that is trusted with nothing, and CI systems hand it from job to job.
    const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
    // What is not absolute would lie in the working directory, which may be anybody's.
    if (!isAbsolute(caches)) return undefined;
    const code = join(caches, "tspip-code");
    // One by one: Node's recursive mkdir never ends where a file system makes no folders, as below /proc.
    for (const folder of [dirname(code), code]) if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    if (!isPrivate(realpathSync.native(code))) return undefined;
    return join(code, `${build}-${process.version}-${process.arch}`);
  } catch {
    return undefined;
  }
}

/** The same rule as in memory/private-folder.ts. */
function isPrivate(folder) {
  const owner = process.geteuid?.();
  const mayOthersChange = (at) => {
    const { mode, uid } = statSync(at);
    if (owner !== undefined && uid !== owner && uid !== 0) return true;
    return at === folder ? (mode & 0o022) !== 0 : (mode & 0o1002) === 0o0002;
  };
  for (let at = folder; ; at = dirname(at)) {
    if (mayOthersChange(at)) return false;
    if (dirname(at) === at) return true;
  }
}

/** At the end, when what the command needed is compiled. What could not be kept is compiled again next time. */
function keepFresh(exitCode) {
  // A mistyped command has compiled nothing worth keeping.
  if (fresh.size === 0 || exitCode > 1) return;
  try {
    // Bytecode is refused by a V8 that has other flags than the one that made it.
    require("node:v8").setFlagsFromString("--flush-bytecode");
    if (lstatSync(cache, { throwIfNoEntry: false }) === undefined) {
      removeOld(dirname(cache));
      mkdirSync(cache, { mode: 0o700 });
    }
    for (const [path, script] of fresh) writeWhole(path, script.createCachedData());
  } catch {
    // As said.
  }
}

/** V8 believes what it reads: it must never find half of a file. */
function writeWhole(path, data) {
  const temporary = `${path}.${process.pid}`;
  const file = openSync(temporary, "w", 0o600);
  try {
    writeSync(file, data);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

const longUnused = 30 * 24 * 60 * 60 * 1000;

/** Other builds and other versions of Node.js, unless they were in use lately. */
function removeOld(code) {
  for (const name of readdirSync(code)) {
    const path = join(code, name);
    if (Date.now() - lstatSync(path).mtimeMs > longUnused) rmSync(path, { recursive: true, force: true });
  }
}
