import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import { type Facts, shownPath } from "../facts.ts";

/** RECORD itself and its signatures cannot have one; compiled files are made after the installation. */
const withoutHash = /(?:\.dist-info\/RECORD(?:\.jws|\.p7s)?|\.pyc)$/;

/** Whether a file is the one that was installed is only known where RECORD has a hash that is worth something (PEP 427). */
export function* unhashed({ recorded, environment: { sites } }: Facts): Generator<AuditFinding> {
  const seeded = new Set(
    recorded.filter(({ row }) => row.path.endsWith(".virtualenv")).map(({ installed }) => installed),
  );
  for (const { state, row, path, installed } of recorded) {
    if (state !== "unhashed" || withoutHash.test(row.path)) continue;
    const has = row.hash === undefined ? "no hash" : `only a hash by ${row.hash.algorithm}`;
    const message = `RECORD of "${installed.name}" ${installed.version} has ${has} for "${shownPath(path, sites)}"`;
    const isExpected = seeded.has(installed) && addedBySeeding.test(row.path);
    yield { ...finding("installed-hash-absent", message, isExpected ? "note" : "warning"), installed };
  }
}

/** What virtualenv adds to the RECORDs of distributions that it puts into a new environment, without hashes. */
const addedBySeeding = /^(?:\.\.\/.*\/(?:bin|Scripts)\/[^/]+|[^/]+\.virtualenv|[^/]+\.dist-info\/INSTALLER)$/;
