import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { EnvironmentError, messageOf } from "../errors.ts";
import { makeFolder } from "../memory/make-folder.ts";
import { takingTurns } from "../turns.ts";
import { databaseAway, isDatabaseAway } from "./database-away.ts";
import type { Sql } from "./sql.ts";

/** How long another instance may hold the file before it counts as away, and how often it is asked meanwhile. */
const busyMs = 3_000;
const pauseMs = 20;

/** Opens an SQLite file, and makes it with its folder when it is not there. @throws EnvironmentError `database-away`, `database-unusable` */
export async function openSqlite(path: string): Promise<Sql> {
  const database = await opened(path);
  const query: Sql["query"] = (statement, parameters = []) =>
    patiently(() => {
      const named = Object.fromEntries(parameters.map((value, at) => [`$${at + 1}`, value]));
      return database.prepare(statement).all(named) as Awaited<ReturnType<Sql["query"]>>;
    });
  // One connection has one transaction at a time.
  const inTurn = takingTurns(1);
  return {
    query,
    exclusively: (work) => inTurn(() => transaction(() => work(query))),
    async [Symbol.asyncDispose]() {
      database.close();
    },
  };

  async function transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    await patiently(() => database.exec("BEGIN IMMEDIATE"));
    try {
      const result = await work();
      await patiently(() => database.exec("COMMIT"));
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }
}

async function opened(path: string): Promise<DatabaseSync> {
  try {
    makeFolder(dirname(path));
    const database = new DatabaseSync(path);
    await patiently(() => database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"));
    return database;
  } catch (error) {
    const cause = isDatabaseAway(error) ? (error as Error).cause : error;
    const message = `Cannot open the database "${path}": ${messageOf(cause)}`;
    // Another instance lets go of it; a file that is no database does not become one.
    throw isBusy(cause) ? databaseAway(message, cause) : new EnvironmentError("database-unusable", message, { cause });
  }
}

/** SQLite's own waiting would hold all that this process does. */
async function patiently<Result>(action: () => Result): Promise<Result> {
  const end = performance.now() + busyMs;
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (!isBusy(error) || performance.now() > end)
        throw databaseAway(`The database does not answer: ${messageOf(error)}`, error);
      await sleep(pauseMs);
    }
  }
}

/** SQLITE_BUSY, also in its extended forms (sqlite.org/rescode.html). */
function isBusy(error: unknown): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === 5;
}
