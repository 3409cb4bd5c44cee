import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { digestOf } from "../distribution/digest.ts";

/**
 * SHA-256 of the built program that runs, in hexadecimal digits; nothing where it runs from its sources, or inside a single
 * executable. It is that of main.cjs, in which the digest of all files of the program stands (build.mjs).
 */
export function programDigest(): string | undefined {
  const file = import.meta.url;
  if (!file.startsWith("file:") || !file.endsWith(".cjs")) return undefined;
  return digestOf(readFileSync(fileURLToPath(new URL("main.cjs", file))));
}
