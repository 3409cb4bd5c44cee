import { basename } from "node:path";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import type { Facts } from "../facts.ts";

/** What setuptools installed by itself, before wheels: nobody wrote down its files. */
export function* legacy(facts: Facts): Generator<AuditFinding> {
  for (const path of legacyInstalls(facts)) {
    const message = `"${basename(path)}" is an installation without RECORD, so nobody knows which files are its own`;
    yield finding("legacy-install", message, "warning");
  }
}

/** `.egg-info` (a folder or a file), `.egg` and `.egg-link`. */
export function legacyInstalls({ top }: Facts): string[] {
  return top.flatMap(({ path }) => (/\.egg(?:-info|-link)?$/.test(path) ? path : []));
}
