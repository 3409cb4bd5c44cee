import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { digestOf } from "../distribution/digest.ts";

/**
 * SHA-256 of the built program that runs, in hexadecimal digits; nothing where it runs from its sources, or inside a single
 * executable.
 */
export function programDigest(): string | undefined {
  const file = import.meta.url;
  return file.startsWith("file:") && file.endsWith(".cjs") ? digestOf(readFileSync(fileURLToPath(file))) : undefined;
}
