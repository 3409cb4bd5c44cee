import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { EnvironmentError, messageOf, UsageError } from "../errors.ts";
import type { Host } from "./host.ts";

/** How the user names the environment that the stub is for. */
export interface StubTarget {
  readonly venv?: string | undefined;
  readonly python?: string | undefined;
}

const mark = "# Written by tspip bootstrap --write-stub.";

/**
 * Writes a `pip` that makes pip available when it is first called, and is pip from then on.
 * @returns its path
 * @throws UsageError when there is another `pip`, EnvironmentError
 */
export async function writeStub(directory: string, target: StubTarget, { cwd }: Pick<Host, "cwd">): Promise<string> {
  const path = join(resolve(cwd, directory), "pip");
  const there = await readFile(path, "utf8").catch(() => undefined);
  if (there !== undefined && !there.includes(mark))
    throw new UsageError("file-exists", `"${path}" is there already, and is no stub of tspip's`, {
      hint: "Name a folder without a pip in it",
    });
  try {
    await mkdir(resolve(cwd, directory), { recursive: true });
    await writeFile(path, stub(target, cwd));
    await chmod(path, 0o755);
  } catch (error) {
    throw new EnvironmentError("cannot-write", `Cannot write "${path}": ${messageOf(error)}`, { cause: error });
  }
  return path;
}

function stub({ venv, python }: StubTarget, cwd: string): string {
  const options = [
    ...(venv === undefined ? [] : ["--venv", resolve(cwd, venv)]),
    ...(python === undefined ? [] : ["--python", /\//.test(python) ? resolve(cwd, python) : python]),
  ].map(quoted);
  return `#!/bin/sh\n${mark}\nexec ${["tspip", "pip", ...options].join(" ")} "$@"\n`;
}

function quoted(word: string): string {
  return word.startsWith("--") ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
