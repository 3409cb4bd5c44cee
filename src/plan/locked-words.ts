import { UsageError } from "../errors.ts";
import type { LockedPackage } from "./lock-file.ts";

export function called({ name, version }: LockedPackage): string {
  return version === undefined ? `"${name}"` : `"${name}==${version.text}"`;
}

export function placeOf({ line }: LockedPackage, place: string): string {
  return line === undefined ? place : `${place}:${line}`;
}

export function noneFits(locked: LockedPackage, place: string, of: readonly string[]): UsageError {
  const reasons = of.length > 0 ? of : ["the index offers no file that the lock lists"];
  return new UsageError(
    "no-compatible-file",
    `${place}: no file of ${called(locked)} fits the interpreter\n  ${reasons.join("\n  ")}`,
  );
}
