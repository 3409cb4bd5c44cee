import { dirname } from "node:path";
import type { ClientCommand } from "./client.ts";

/**
 * Folders of which one may be the environment that a command works on, the surest first: what its words say, where the
 * program itself stands, what its environment says. Which of them is one is for the disk to say.
 */
export function environmentsOf(
  [program = ""]: readonly string[],
  { client, words }: ClientCommand,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const isProject = client === "uv" && ["sync", "run", "add", "remove"].includes(words[0] ?? "");
  const fromWords = client === "uv" && !isProject ? namedInterpreters(words).flatMap(aroundInterpreter) : [];
  const standing = client === "pip" && program.includes("/") ? aroundInterpreter(program) : [];
  const isActive = client === "poetry" || (isProject && words.includes("--active"));
  const asked = isActive ? env.VIRTUAL_ENV : isProject ? env.UV_PROJECT_ENVIRONMENT : undefined;
  const told = asked ? [asked] : [];
  return [...fromWords, ...standing, ...told];
}

/** `-p X`, `--python X`, `--python=X`. */
function namedInterpreters(words: readonly string[]): string[] {
  return words.flatMap((word, at) => {
    if (word === "-p" || word === "--python") return words[at + 1] ?? [];
    return word.startsWith("--python=") ? word.slice("--python=".length) : [];
  });
}

/** An environment itself, or the one that a program in its `bin` belongs to. */
function aroundInterpreter(path: string): string[] {
  return [path, dirname(dirname(path))];
}
