import type { InspectionStore } from "../inspect/inspection-memory.ts";
import { migrate } from "./migrations.ts";
import type { Sql } from "./sql.ts";

/** What all instances of a service share, but for artifacts. Every method throws EnvironmentError `database-away`. */
export interface Database extends InspectionStore {
  /** Whether it answers. */
  ping(): Promise<void>;
  recordVerdict(verdict: RecordedVerdict): Promise<void>;
}

/** One answer of the gate, for whoever asks later what a team got and was refused. */
export interface RecordedVerdict {
  readonly team: string;
  readonly filename: string;
  readonly url: string;
  /** Lower-case hex; empty where no bytes were had. */
  readonly sha256: string;
  readonly policySha256: string;
  readonly decision: string;
  /** Ids, of what refuses and what warns. */
  readonly findings: readonly string[];
}

/** What inspectors saw is looked at anew after this time: an index may have taken an attestation back. */
const inspectionMs = 24 * 3600_000;

/** Opens the tables, and makes them when they are not there. @throws UsageError, EnvironmentError */
export async function openDatabase(sql: Sql, now: () => Date): Promise<Database> {
  await migrate(sql);
  const oldest = () => new Date(now().getTime() - inspectionMs).toISOString();
  return {
    async ping() {
      await sql.query("SELECT 1 FROM schema_version");
    },
    async get(key) {
      const [row] = await sql.query("SELECT evidence FROM inspections WHERE key = $1 AND at > $2", [key, oldest()]);
      return row === undefined ? undefined : String(row.evidence);
    },
    async set(key, evidence) {
      await sql.query("DELETE FROM inspections WHERE at <= $1", [oldest()]);
      await sql.query(
        `INSERT INTO inspections (key, evidence, at) VALUES ($1, $2, $3)
         ON CONFLICT (key) DO UPDATE SET evidence = excluded.evidence, at = excluded.at`,
        [key, evidence, now().toISOString()],
      );
    },
    async recordVerdict({ team, filename, url, sha256, policySha256, decision, findings }) {
      await sql.query(
        `INSERT INTO verdicts (team, filename, url, sha256, policy_sha256, decision, findings, first_at, last_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
         ON CONFLICT (team, filename, url, sha256, policy_sha256, decision, findings)
         DO UPDATE SET last_at = excluded.last_at`,
        [team, filename, url, sha256, policySha256, decision, findings.join(" "), now().toISOString()],
      );
    },
  };
}
