import { Pool, type PoolClient } from "pg";
import { messageOf, UsageError } from "../errors.ts";
import { databaseAway } from "./database-away.ts";
import type { Row, Sql } from "./sql.ts";

/** One instance needs few connections: what it asks is answered in a millisecond. */
const connections = 8;
/** How long a database may take to answer before it counts as away. */
const answerMs = 5_000;
/** The advisory lock that instances take in turn; any number that nobody else uses. */
const lock = 0x7473706970;

/**
 * A pool of connections to PostgreSQL. Nothing is asked yet.
 * @param url `postgresql://…`; what it leaves out comes from PGPASSWORD, PGPASSFILE and the like, as with psql
 */
export function openPostgres(url: string): Sql {
  const pool = new Pool({
    connectionString: url,
    application_name: "tspip serve",
    max: connections,
    connectionTimeoutMillis: answerMs,
    query_timeout: answerMs,
  });
  // An idle connection that breaks is replaced at the next question.
  pool.on("error", () => {});
  return {
    query: (statement, parameters = []) => orAway(async () => (await repeated(statement, parameters)).rows as Row[]),
    exclusively: (work) =>
      orAway(async () => {
        const client = await pool.connect();
        try {
          return await transaction(client, work);
        } finally {
          // One that was left in a transaction is of no use.
          client.release(true);
        }
      }),
    [Symbol.asyncDispose]: () => pool.end(),
  };

  /** A server that was restarted has ended the connections that we keep: the next one is new. All our statements may be said twice. */
  async function repeated(statement: string, parameters: readonly (string | number)[]) {
    try {
      return await pool.query(statement, [...parameters]);
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      return pool.query(statement, [...parameters]);
    }
  }
}

async function transaction<Result>(
  client: PoolClient,
  work: (query: Sql["query"]) => Promise<Result>,
): Promise<Result> {
  await client.query("BEGIN");
  await client.query("SELECT pg_advisory_xact_lock($1)", [lock]);
  const result = await work(
    async (statement, parameters = []) => (await client.query(statement, [...parameters])).rows,
  );
  await client.query("COMMIT");
  return result;
}

/** PostgreSQL, appendix A: class 57P is an administrator's doing; the rest is node-postgres's own. */
function isConnectionLost(error: unknown): boolean {
  const { code = "" } = error as { code?: string };
  return code.startsWith("57P") || /^(?:ECONNRESET|EPIPE)$/.test(code) || /terminated/.test(messageOf(error));
}

async function orAway<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw databaseAway(`The database does not answer: ${messageOf(error)}`, error);
  }
}
