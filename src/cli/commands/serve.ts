import { dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../errors.ts";
import { createInspections, type InspectionMemory } from "../../inspect/inspection-memory.ts";
import type { MappedIndex } from "../../package-index/index-map.ts";
import { defaultIndex } from "../../package-index/settings.ts";
import type { BoundedServer, TlsTexts } from "../../proxy/bounded-server.ts";
import { makeToken } from "../../service/access.ts";
import { parseServiceConfig, type ServiceConfig } from "../../service/config.ts";
import { type Database, openDatabase } from "../../service/database.ts";
import { isDatabaseAway } from "../../service/database-away.ts";
import { createMetrics, type Metrics } from "../../service/metrics.ts";
import { startService } from "../../service/server.ts";
import { withoutDatabase } from "../../service/without-database.ts";
import type { ServeOptions } from "../command-line/artifacts.ts";
import { exitCodes } from "../exit-code.ts";
import { openUpstreamTransport } from "../gate/index-client.ts";
import type { Host } from "../host.ts";
import { readText } from "../read-text.ts";
import { openSql, openStore } from "../serving/service-storage.ts";
import type { TeamIndexParts } from "../serving/team-index.ts";
import { openTeamIndexes } from "../serving/team-indexes.ts";
import { policyInForce } from "../settings/policy-in-force.ts";
import { createTalk, printableJson, type Talk } from "../terminal.ts";
import { version } from "../version.ts";

/** How old the pages, the policy and the trusted root may be that an answer goes by. */
const maxAgeMs = 60_000;
/** How often a database is asked that is away when the service starts, and how long it waits between. */
const startTries = 30;
const startPauseMs = 2_000;
/** How long answers may take that are under way when the service is told to end. */
const graceMs = 25_000;

/** `tspip serve`: the index of `tspip run` for many, for as long as nobody interrupts it. */
export async function serve(options: ServeOptions, host: Host): Promise<number> {
  if (options.newToken === true) return printToken(host);
  const path = resolve(host.cwd, options.config);
  const config = parseServiceConfig(await readText(path, `"${options.config}"`, host), options.config);
  // Answers under way are still to be had when the service is told to end.
  const ended = new AbortController();
  const starting: Host = { ...host, cwd: dirname(path) };
  const own: Host = { ...starting, signal: ended.signal };
  const talk = createTalk(options, host);
  const tls = await readTls(config, starting);
  for (const { policy } of config.teams) await policyInForce(policy, starting);
  if (options.check === true) return exitCodes.done;

  await using rim = new AsyncDisposableStack();
  rim.defer(() => ended.abort());
  const metrics = createMetrics(version);
  const database = rim.use(await openOwnDatabase(config, talk, own, host.signal));
  const parts = await openParts(config, database, metrics, talk, own);
  rim.use(parts.upstream.transport);
  const indexes = rim.use(openTeamIndexes(config.teams, parts, maxAgeMs));
  const server = rim.use(
    await startService(config, tls, {
      index: indexes.lend,
      isReady: () => isReady(database, metrics),
      metrics,
      log: (entry) => host.stdout.write(`${printableJson(JSON.stringify({ time: own.now(), ...entry }))}\n`),
      version,
    }),
  );
  talk.info(`Serving on ${urlOf(server, tls)}`);
  const renewal = setInterval(() => void renewTls(config, server, talk, own), maxAgeMs);
  await interruption(host.signal);
  clearInterval(renewal);
  talk.info("Ending: no new connections");
  await server.drain(graceMs);
  return exitCodes.done;
}

/** Disposing closes its connections. */
async function openOwnDatabase(
  { storage }: ServiceConfig,
  talk: Talk,
  host: Host,
  signal: AbortSignal,
): Promise<Database & AsyncDisposable> {
  const open = async () => {
    await using opening = new AsyncDisposableStack();
    const database = await openDatabase(opening.use(await openSql(storage, host)), host.now);
    const owned = opening.move();
    return { ...database, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  };
  return whenThere(open, talk, signal);
}

function urlOf({ address: { address, port } }: BoundedServer, tls: TlsTexts | undefined): string {
  return `${tls === undefined ? "http" : "https"}://${address.includes(":") ? `[${address}]` : address}:${port}/`;
}

function printToken({ stdout }: Host): number {
  const { token, sha256 } = makeToken();
  stdout.write(`${token}\ntoken-sha256 = ["${sha256}"]\n`);
  return exitCodes.done;
}

async function openParts(
  config: ServiceConfig,
  database: Database,
  metrics: Metrics,
  talk: Talk,
  host: Host,
): Promise<TeamIndexParts> {
  const { storage, trustedRoot } = config;
  const store = await openStore(storage, talk, host);
  const upstreams: readonly MappedIndex[] =
    config.indexes.length > 0 ? config.indexes : [{ url: new URL(defaultIndex), projects: [] }];
  const transport = await openUpstreamTransport(
    upstreams.map(({ url }) => url),
    host,
  );
  const state = storage.withoutDatabase === "judge" ? withoutDatabase(database, talk.warn) : database;
  const inspections = createInspections(state);
  return {
    upstream: {
      transport,
      indexes: upstreams.filter(({ projects }) => projects.length === 0).map(({ url }) => url),
      mapped: upstreams.filter(({ projects }) => projects.length > 0),
      warn: talk.verbose,
    },
    store,
    inspections: (context) => counting(inspections(context), metrics),
    database: state,
    trustedRoot: trustedRoot === undefined ? undefined : resolve(host.cwd, trustedRoot),
    async recordVerdict(verdict) {
      metrics.verdict(verdict.team, verdict.decision);
      await state.recordVerdict(verdict);
    },
    talk,
    host,
  };
}

/** Databases are often started together with us, and take longer. @throws EnvironmentError when it stays away */
async function whenThere<Opened>(open: () => Promise<Opened>, talk: Talk, signal: AbortSignal): Promise<Opened> {
  for (let tries = 1; ; tries++) {
    try {
      return await open();
    } catch (error) {
      if (!isDatabaseAway(error) || tries === startTries || signal.aborted) throw error;
      talk.warn(`${messageOf(error)}; trying again`);
      await sleep(startPauseMs, undefined, { signal }).catch(() => {});
    }
  }
}

/** The same memory, which counts what it did not remember. */
function counting(memory: InspectionMemory, metrics: Metrics): InspectionMemory {
  return {
    inspect: (request, artifact, look) =>
      memory.inspect(request, artifact, () => {
        metrics.inspected();
        return look();
      }),
  };
}

async function isReady(database: Database, metrics: Metrics): Promise<boolean> {
  const isUp = await database.ping().then(
    () => true,
    () => false,
  );
  metrics.databaseUp(isUp);
  return isUp;
}

async function readTls({ tls }: ServiceConfig, host: Host): Promise<TlsTexts | undefined> {
  if (tls === undefined) return undefined;
  const [cert, key] = await Promise.all(
    [tls.cert, tls.key].map((path) => resolve(host.cwd, path)).map((path) => readText(path, `"${path}"`, host)),
  );
  return { cert: cert ?? "", key: key ?? "" };
}

/** Certificates are replaced by whoever renews them, often while the service runs. */
async function renewTls(config: ServiceConfig, server: BoundedServer, talk: Talk, host: Host): Promise<void> {
  try {
    const tls = await readTls(config, host);
    if (tls !== undefined) server.renewTls(tls);
  } catch (error) {
    talk.warn(`Still with the earlier certificate: ${messageOf(error)}`);
  }
}

function interruption(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
