import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

/** What makes a text believable: only who knows the key could write it, and it was written of this subject. */
export interface Seal {
  readonly key: Uint8Array;
  readonly subject: string;
}

/**
 * Writes a text and its seal, which holds of the whole of it only: what was cut off is none. Synchronous, for threads of
 * their own. @throws what the disk throws
 */
export function writeSealed(path: string, text: string, seal: Seal): void {
  writeFileSync(path, `${sealOf(text, seal).toString("hex")}\n${text}`, { mode: 0o600, flag: "wx" });
}

/** @returns the text, if its seal holds */
export function readSealed(path: string, seal: Seal): string | undefined {
  try {
    const content = readFileSync(path, "utf8");
    const end = content.indexOf("\n");
    const text = content.slice(end + 1);
    const [said, right] = [Buffer.from(content.slice(0, end), "hex"), sealOf(text, seal)];
    return said.length === right.length && timingSafeEqual(said, right) ? text : undefined;
  } catch {
    return undefined;
  }
}

function sealOf(text: string, { key, subject }: Seal): Buffer {
  return createHmac("sha256", key).update(`${subject}\n`).update(text).digest();
}
