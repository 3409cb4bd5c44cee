import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeWheel } from "../testing/make-wheel.ts";
import { tspip } from "./clone.ts";
import { wheelhouse } from "./wheels.ts";

/** Makes an environment with nothing in it, as `prepare` of a command, in the place of what is there. */
export function freshVenv(venv: string): () => void {
  return () => {
    rmSync(venv, { recursive: true, force: true });
    execFileSync("python3", ["-m", "venv", "--without-pip", venv]);
  };
}

/** Bytes: eight times two environments with a gigabyte each. */
const largestCase = 18e9;

/** What is in the way of the next round, on disk. */
export interface Aside {
  /** As `freshVenv`; other folders are put aside with the environment. */
  fresh(venv: string, ...others: readonly string[]): () => void;
  /** As `begin` of a case with large environments: removes what is aside where the disk has no room for its rounds beside it. */
  makeRoom(): void;
}

/**
 * The last environment is moved, not removed: ext4 without a journal looks past every inode that was removed in the last
 * minutes before it takes a new one (recently_deleted in its ialloc.c), and that takes longer than an install. What is
 * left to be written of it is written before the clock runs.
 */
export function puttingAside(work: string): Aside {
  const aside = join(work, "aside");
  const move = (path: string) => {
    mkdirSync(aside, { recursive: true });
    if (existsSync(path)) renameSync(path, join(mkdtempSync(join(aside, "before-")), "it"));
  };
  return {
    fresh: (venv, ...others) => {
      return () => {
        for (const path of [venv, ...others]) move(path);
        freshVenv(venv)();
        execFileSync("sync");
      };
    },
    makeRoom() {
      const { bavail, bsize } = statfsSync(work);
      if (bavail * bsize < largestCase) rmSync(aside, { recursive: true, force: true });
    },
  };
}

/** An environment with much-used projects in it. @returns its path */
export function realEnvironment(venv: string): string {
  return installed(venv, wheelhouse());
}

/**
 * An environment of `size` distributions that need each other as real ones do.
 * @param files of each distribution, beside its .dist-info
 * @returns its path
 */
export function madeEnvironment(work: string, size: number, files: number): string {
  const folder = join(work, `wheels-${size}`);
  mkdirSync(folder);
  const wheels = Array.from({ length: size }, (_, at) => {
    const needs = [at + 1, at + 7, at * 2 + 1].filter((other) => other < size);
    const modules = Array.from({ length: files - 1 }, (_, module) => [`made${at}/module${module}.py`, "x = 1\n"]);
    const { filename, bytes } = makeWheel({
      name: `made${at}`,
      files: { [`made${at}/data.txt`]: "x".repeat(10_000), ...Object.fromEntries(modules) },
      metadata: [
        "Summary: One of many",
        ...needs.map((other) => `Requires-Dist: made${other}>=1; python_version >= "3"`),
      ],
    });
    const path = join(folder, filename);
    writeFileSync(path, bytes);
    return path;
  });
  return installed(join(work, `made-${size}`), wheels);
}

function installed(venv: string, wheels: readonly string[]): string {
  execFileSync(tspip[0], [tspip[1], "install", "--no-deps", "--venv", venv, ...wheels], { stdio: "ignore" });
  return venv;
}
