import { existsSync, statfsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { findPython, pathTo } from "./python.ts";

/** Loaded before test files, and before that by what starts their processes, whose environment they get. */

// Compiling the program and stripping its types takes longer than most test files do. What this process starts reads the variable
// before the first module, so it need not even load what strips types.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("../../node_modules/.cache/tests", import.meta.url));
enableCompileCache(process.env.NODE_COMPILE_CACHE);

// Thousands of environments are made and removed; on a disk, most of the time would go to waiting for it.
const memory = "/dev/shm";
if (process.env.TMPDIR === undefined && isRoomy(memory)) process.env.TMPDIR = memory;

// Hundreds of commands ask an interpreter. It is looked for once.
if (process.env.TSPIP_TEST_PYTHON === undefined) {
  const python = findPython();
  process.env.TSPIP_TEST_PYTHON = python;
  if (python !== "") process.env.PATH = pathTo(python, process.env.PATH ?? "");
}

function isRoomy(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const disk = statfsSync(folder, { bigint: true });
  return disk.bavail * disk.bsize > 4n << 30n;
}
