import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { skipWithoutPostgres, startPostgres } from "../testing/postgres-server.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { type Database, openDatabase } from "./database.ts";
import { openPostgres } from "./postgres.ts";
import type { Sql } from "./sql.ts";
import { openSqlite } from "./sqlite.ts";

/** The same of both databases. */

const now = () => new Date("2026-05-01T12:00:00Z");
const tomorrow = () => new Date("2026-05-02T12:00:01Z");

interface Place extends AsyncDisposable {
  open(): Promise<Sql>;
}

async function sqlitePlace(): Promise<Place> {
  const folder = temporaryFolder();
  return {
    open: () => openSqlite(join(folder.path, "state/tspip.sqlite")),
    [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
  };
}

async function postgresPlace(): Promise<Place> {
  const server = await startPostgres();
  return { open: async () => openPostgres(server.url), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

for (const [name, place, options] of [
  ["SQLite", sqlitePlace, {}],
  ["PostgreSQL", postgresPlace, skipWithoutPostgres],
] as const) {
  test(`${name}: what one instance keeps another finds, for a day`, options, async () => {
    await using there = await place();
    await using first = await there.open();
    await using second = await there.open();
    const [one, other] = await Promise.all([openDatabase(first, now), openDatabase(second, now)]);
    await one.set("key", "evidence");
    await one.set("key", "other evidence");
    assert.equal(await other.get("key"), "other evidence");
    assert.equal(await other.get("no such key"), undefined);
    const later = await openDatabase(second, tomorrow);
    assert.equal(await later.get("key"), undefined);
    const earlier = await openDatabase(second, () => new Date(now().getTime() - 3_600_000));
    assert.equal(await earlier.get("key"), undefined, "a clock was set back");
    await later.set("another", "x");
    assert.equal(await one.get("key"), undefined, "and is gone then");
  });

  test(`${name}: ten instances that start at once migrate once`, options, async () => {
    await using there = await place();
    await using opened = new AsyncDisposableStack();
    const connections = await Promise.all(Array.from({ length: 10 }, async () => opened.use(await there.open())));
    await Promise.all(connections.map((sql) => openDatabase(sql, now)));
    const [row] =
      (await connections[0]?.query("SELECT COUNT(*) AS rows, MAX(version) AS version FROM schema_version")) ?? [];
    assert.equal(Number(row?.rows), Number(row?.version));
  });

  test(`${name}: a database that a newer program has migrated is refused`, options, async () => {
    await using there = await place();
    await using sql = await there.open();
    await openDatabase(sql, now);
    await sql.query("INSERT INTO schema_version (version) VALUES ($1)", [99]);
    await assert.rejects(openDatabase(sql, now), { code: "database-newer" });
  });

  test(`${name}: of ten that pin at once what they compared with nothing, one does`, options, async () => {
    await using there = await place();
    await using opened = new AsyncDisposableStack();
    const databases = await Promise.all(
      Array.from({ length: 10 }, async () => openDatabase(opened.use(await there.open()), now)),
    );
    const pin = { file: "pins.json", project: "app", version: "1.0", signers: [] };
    const pinAll = (known: number, project: string, file = "pins.json") =>
      Promise.all(
        databases.map((database, at) =>
          database.pin("t", { ...pin, file, project, filename: `${project}-${known}-${at}` }, known),
        ),
      );
    const done = (outcomes: boolean[]) => outcomes.filter(Boolean).length;
    assert.equal(done(await pinAll(0, "app")), 1);
    assert.equal(done(await pinAll(0, "app")), 0);
    assert.equal(done(await pinAll(1, "app")), 1);
    assert.equal(done(await pinAll(0, "other")), 1, "other projects are no matter");
    assert.equal(done(await pinAll(0, "app", "other.json")), 1, "nor are other pins files");
    const [database] = databases;
    assert.equal(await database?.pinCount("t"), 4);
    assert.equal((await database?.pins("t"))?.length, 4);
    assert.equal(await database?.pinCount("another team"), 0);
  });

  test(`${name}: a verdict stands once, with its first and last time`, options, async () => {
    await using there = await place();
    await using sql = await there.open();
    const verdict = { team: "t", filename: "a.whl", url: "https://x/a.whl", sha256: "0", policySha256: "1" };
    const record = (database: Database) =>
      database.recordVerdict({ ...verdict, decision: "deny", findings: ["record-mismatch", "yanked"] });
    await record(await openDatabase(sql, now));
    await record(await openDatabase(sql, tomorrow));
    assert.deepEqual(
      (await sql.query("SELECT findings, first_at, last_at FROM verdicts")).map((row) => ({ ...row })),
      [{ findings: "record-mismatch yanked", first_at: now().toISOString(), last_at: tomorrow().toISOString() }],
    );
  });
}

test("PostgreSQL: away it is said, and back it is used again", skipWithoutPostgres, async () => {
  await using server = await startPostgres();
  await using sql = openPostgres(server.url);
  const database = await openDatabase(sql, now);
  await database.set("key", "evidence");
  await server.stop();
  await assert.rejects(database.get("key"), { code: "database-away" });
  await server.start();
  assert.equal(await database.get("key"), "evidence");
});
