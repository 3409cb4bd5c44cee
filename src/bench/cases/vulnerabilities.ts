import { globSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tspip } from "../clone.ts";
import { realEnvironment } from "../environments.ts";
import type { Case } from "../harness.ts";
import { peerProgram } from "../peers.ts";

/** As many as osv.dev's export for PyPI has. */
const advisoryCount = 15_000;

/** Known vulnerabilities of an environment: ours from advisories that lie there; the peer asks a service, as it is made to. */
export function vulnerabilityCases(work: string): Case[] {
  const venv = realEnvironment(join(work, "looked-at"));
  const [site = ""] = globSync(join(venv, "lib/python*/site-packages"));
  const pipAudit = peerProgram("pip-audit", "pip-audit");
  const audit = (advisories: string) => ({ argv: [...tspip, "audit", "--venv", venv, "--osv", advisories] }) as const;
  return [
    {
      name: "known vulnerabilities, 15,000 advisories / pip-audit, which asks a service",
      bar: 1,
      ours: audit(advisories(join(work, "advisories"), "nothing")),
      // It ends with 1 when it knows of one.
      peer: { argv: ["sh", "-c", '"$0" --path "$1" || [ $? = 1 ]', pipAudit, site] },
      twin: audit(advisories(join(work, "advisories-of-requests"), "requests")),
    },
  ];
}

/** A folder of them; one is about `affected`, the others about what nobody installs. */
function advisories(folder: string, affected: string): string {
  mkdirSync(folder);
  for (let at = 0; at < advisoryCount; at++) {
    const id = `PYSEC-2026-${at}`;
    writeFileSync(join(folder, `${id}.json`), advisory(id, at === 7 ? affected : `other${at}`));
  }
  return folder;
}

function advisory(id: string, name: string): string {
  const affected = [
    { package: { ecosystem: "PyPI", name }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }] }] },
  ];
  const details = "What somebody wrote about it. ".repeat(30);
  return JSON.stringify({ schema_version: "1.7.0", id, modified: "2026-11-01T00:00:00Z", details, affected });
}
