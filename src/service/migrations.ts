import { UsageError } from "../errors.ts";
import type { Sql } from "./sql.ts";

/** What each version adds, the first is version 1. What has been released never changes: later versions alter it. */
const migrations: readonly (readonly string[])[] = [
  [
    `CREATE TABLE inspections (
      key TEXT PRIMARY KEY,
      evidence TEXT NOT NULL,
      at TEXT NOT NULL
    )`,
    "CREATE INDEX inspections_at ON inspections (at)",
    `CREATE TABLE verdicts (
      team TEXT NOT NULL,
      filename TEXT NOT NULL,
      url TEXT NOT NULL,
      sha256 TEXT NOT NULL,
      policy_sha256 TEXT NOT NULL,
      decision TEXT NOT NULL,
      findings TEXT NOT NULL,
      first_at TEXT NOT NULL,
      last_at TEXT NOT NULL,
      PRIMARY KEY (team, filename, url, sha256, policy_sha256, decision, findings)
    )`,
    `CREATE TABLE pins (
      team TEXT NOT NULL,
      file TEXT NOT NULL,
      project TEXT NOT NULL,
      version TEXT NOT NULL,
      filename TEXT NOT NULL,
      signers TEXT NOT NULL,
      at TEXT NOT NULL,
      PRIMARY KEY (team, file, filename)
    )`,
  ],
];

/**
 * Brings the schema to this program's version. Instances that start at once wait for each other.
 * @throws UsageError when a newer program has been there; EnvironmentError `database-away`
 */
export async function migrate(sql: Sql): Promise<void> {
  await sql.exclusively(async (query) => {
    await query("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
    const [row] = await query("SELECT MAX(version) AS version FROM schema_version");
    const version = Number(row?.version ?? 0);
    if (version > migrations.length) {
      const message = `The database has schema version ${version}, this tspip knows ${migrations.length}`;
      throw new UsageError("database-newer", message, { hint: "A newer tspip has migrated it: use that version" });
    }
    for (const [at, statements] of migrations.entries()) {
      if (at < version) continue;
      for (const statement of statements) await query(statement);
      await query("INSERT INTO schema_version (version) VALUES ($1)", [at + 1]);
    }
  });
}
