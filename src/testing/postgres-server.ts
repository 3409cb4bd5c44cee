import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { temporaryFolder } from "./tree.ts";

/** A PostgreSQL of its own, on loopback. */
export interface PostgresServer extends AsyncDisposable {
  readonly url: string;
  start(): Promise<void>;
  /** At once, as an operator in a hurry does. */
  stop(): Promise<void>;
}

/** Where Debian's package puts the programs. */
const programs = globSync("/usr/lib/postgresql/*/bin").sort().at(-1);

/** Options of a test that needs it. */
export const skipWithoutPostgres: { skip?: string } =
  programs !== undefined && existsSync(join(programs, "initdb")) ? {} : { skip: "PostgreSQL is not installed" };

export async function startPostgres(): Promise<PostgresServer> {
  const folder = temporaryFolder();
  const data = join(folder.path, "data");
  const owner = ownerOfServer();
  chownSync(folder.path, owner.uid, owner.gid);
  const run = { ...owner, cwd: folder.path, stdio: "ignore" } as const;
  execFileSync(join(programs ?? "", "initdb"), ["-D", data, "-U", "tspip", "-A", "trust", "-N"], run);
  const port = await freePort();
  let server: ChildProcess | undefined;
  const postgres: PostgresServer = {
    url: `postgresql://tspip@127.0.0.1:${port}/postgres`,
    async start() {
      const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"].flatMap((s) => [
        "-c",
        s,
      ]);
      server = spawn(join(programs ?? "", "postgres"), ["-D", data, "-p", String(port), ...settings], run);
      for (let tries = 0; !isReady(port); tries++) {
        if (tries > 300) throw new Error("PostgreSQL does not start");
        await sleep(100);
      }
    },
    async stop() {
      if (server === undefined || server.exitCode !== null) return;
      const exit = once(server, "exit");
      server.kill("SIGINT");
      await exit;
    },
    async [Symbol.asyncDispose]() {
      await postgres.stop();
      folder[Symbol.dispose]();
    },
  };
  await postgres.start();
  return postgres;
}

/** It does not run as root. */
function ownerOfServer(): { uid: number; gid: number } {
  const [uid = 0, gid = 0] = [process.getuid?.(), process.getgid?.()];
  if (uid !== 0) return { uid, gid };
  const ids = ["-u", "-g"].map((which) => Number(execFileSync("id", [which, "postgres"], { encoding: "utf8" })));
  return { uid: ids[0] ?? 0, gid: ids[1] ?? 0 };
}

function isReady(port: number): boolean {
  try {
    execFileSync(join(programs ?? "", "pg_isready"), ["-h", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
