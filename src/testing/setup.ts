import { existsSync, statfsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { findPython, pathTo } from "./python.ts";

/** Loaded before each test file, of which each is a process, and before that by their common parent, whose environment they get. */

// Compiling the program and stripping its types takes longer than most test files do.
enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/tests", import.meta.url)));

// Thousands of environments are made and removed; on a disk, most of the time would go to waiting for it.
const memory = "/dev/shm";
if (process.env.TMPDIR === undefined && isRoomy(memory)) process.env.TMPDIR = memory;

// Hundreds of commands ask an interpreter. It is looked for once.
if (process.env.TSPIP_TEST_PYTHON === undefined) {
  const python = findPython();
  process.env.TSPIP_TEST_PYTHON = python;
  if (python !== "") process.env.PATH = pathTo(python, process.env.PATH ?? "");
}

/**
 * Properties are tried with the same values in every run, so that a failure belongs to a change. TSPIP_SEED=random, or a
 * number, tries others.
 */
const { TSPIP_SEED: given } = process.env;
const { default: fc } = await import("fast-check");
if (given !== "random") fc.configureGlobal({ seed: Number(given ?? 20_261_121) });

function isRoomy(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const disk = statfsSync(folder, { bigint: true });
  return disk.bavail * disk.bsize > 4n << 30n;
}
