import type { InspectionStore } from "../inspect/inspection-memory.ts";
import { migrate } from "./migrations.ts";
import type { Sql } from "./sql.ts";

/** What all instances of a service share, but for artifacts. Every method throws EnvironmentError `database-away`. */
export interface Database extends InspectionStore {
  /** Whether it answers. */
  ping(): Promise<void>;
  recordVerdict(verdict: RecordedVerdict): Promise<void>;
  /** Who signed what a team was given, in the order in which it was pinned. */
  pins(team: string): Promise<readonly TeamPin[]>;
  /** How many there are: they only ever become more. */
  pinCount(team: string): Promise<number>;
  /**
   * Pins who signed a file, unless something was pinned of its project meanwhile, which it has to be compared with first.
   * What is pinned stays.
   * @param known how many pins of the project, in the same pins file, it was compared with
   * @returns whether it is pinned
   */
  pin(team: string, pin: TeamPin, known: number): Promise<boolean>;
}

/** A pin as the policy compares it, and the pins file that its rule names. */
export interface TeamPin {
  readonly file: string;
  readonly project: string;
  readonly version: string;
  readonly filename: string;
  readonly signers: readonly string[];
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
const clockSkewMs = 5 * 60_000;

/** Opens the tables, and makes them when they are not there. @throws UsageError, EnvironmentError */
export async function openDatabase(sql: Sql, now: () => Date): Promise<Database> {
  await migrate(sql);
  const oldest = () => new Date(now().getTime() - inspectionMs).toISOString();
  // Clocks of instances differ; what is from later than that was written before a clock was set back.
  const newest = () => new Date(now().getTime() + clockSkewMs).toISOString();
  return {
    async ping() {
      await sql.query("SELECT 1 FROM schema_version");
    },
    async get(key) {
      const [row] = await sql.query("SELECT evidence FROM inspections WHERE key = $1 AND at > $2 AND at <= $3", [
        key,
        oldest(),
        newest(),
      ]);
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
    async pins(team) {
      const rows = await sql.query("SELECT * FROM pins WHERE team = $1 ORDER BY at, filename", [team]);
      return rows.map(({ file, project, version, filename, signers }) => ({
        file: String(file),
        project: String(project),
        version: String(version),
        filename: String(filename),
        signers: JSON.parse(String(signers)) as string[],
      }));
    },
    async pinCount(team) {
      const [row] = await sql.query("SELECT COUNT(*) AS pins FROM pins WHERE team = $1", [team]);
      return Number(row?.pins);
    },
    pin: (team, { file, project, version, filename, signers }, known) =>
      sql.exclusively(async (query) => {
        const ofProject = [team, file, project];
        const [row] = await query(
          "SELECT COUNT(*) AS pins FROM pins WHERE team = $1 AND file = $2 AND project = $3",
          ofProject,
        );
        if (Number(row?.pins) !== known) return false;
        await query(
          "INSERT INTO pins (team, file, project, version, filename, signers, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
          [...ofProject, version, filename, JSON.stringify(signers), now().toISOString()],
        );
        return true;
      }),
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
