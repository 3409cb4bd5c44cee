import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeWheel } from "../testing/make-wheel.ts";
import { tspip } from "./clone.ts";
import { wheelhouse } from "./wheels.ts";

/** Makes an environment with nothing in it, as `prepare` of a command. */
export function freshVenv(venv: string): () => void {
  return () => {
    rmSync(venv, { recursive: true, force: true });
    execFileSync("python3", ["-m", "venv", "--without-pip", venv]);
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
