import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { digestOf } from "../../distribution/digest.ts";
import { type PostgresServer, skipWithoutPostgres, startPostgres } from "../../testing/postgres-server.ts";
import { type Scene, setScene } from "../../testing/scene.ts";

/** Instances in processes of their own, on one PostgreSQL and one folder of artifacts. */

const main = fileURLToPath(new URL("../../main.ts", import.meta.url));

interface Instance {
  readonly url: URL;
  readonly process: ChildProcess;
}

async function setPostgresScene(postgres: PostgresServer): Promise<Scene> {
  const scene = await setScene();
  scene.write("all.toml", "version = 1\n[default]\n");
  scene.write(
    "serve.toml",
    `listen = "127.0.0.1:0"
trusted-root = "root.json"
[storage]
artifacts = "artifacts"
database = "${postgres.url}"
[metrics]
open = true
[[index]]
url = "${scene.index.url}"
[[team]]
name = "all"
policy = "all.toml"
open = true
`,
  );
  return scene;
}

async function startInstance({ folder }: Scene): Promise<Instance> {
  const child = spawn(process.execPath, [main, "serve"], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  for await (const chunk of child.stderr ?? []) {
    said += chunk;
    const [, url] = /Serving on (\S+)/.exec(said) ?? [];
    if (url !== undefined) return { url: new URL(url), process: child };
  }
  throw new Error(said);
}

async function metric({ url }: Instance, name: string): Promise<number> {
  const text = await (await fetch(new URL("metrics", url))).text();
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
}

test("50 clients of two instances, one of which is killed, get what is right and nothing by halves", {
  ...skipWithoutPostgres,
  timeout: 300_000,
}, async () => {
  await using postgres = await startPostgres();
  await using scene = await setPostgresScene(postgres);
  const good = Array.from({ length: 20 }, (_, at) => scene.offer({ name: `good${at}`, version: "1.0" }));
  const bad = Array.from({ length: 10 }, (_, at) =>
    scene.offer({ name: `bad${at}`, version: "1.0", unlisted: { "evil.pth": "import evil\n" } }),
  );
  const [doomed, other] = await Promise.all([startInstance(scene), startInstance(scene)]);
  const answers: string[] = [];
  let had = 0;

  /** As installers do: another instance is asked when the connection breaks. */
  async function get(path: string, first: Instance): Promise<Response & { readonly whole: Buffer }> {
    for (const { url } of [first, other, other]) {
      try {
        const response = await fetch(new URL(path, url));
        return Object.assign(response, { whole: Buffer.from(await response.bytes()) });
      } catch {
        // Killed while it answered.
      }
    }
    throw new Error(`Nobody answers for ${path}`);
  }

  async function client(number: number): Promise<void> {
    const wheels = [...good, ...bad].map((_, at, all) => all[(at * 7 + number) % all.length]);
    for (const [at, wheel] of wheels.entries()) {
      if (wheel === undefined) continue;
      const name = wheel.filename.split("-")[0] ?? "";
      const answer = await get(`all/files/${name}/${wheel.filename}`, (at + number) % 2 === 0 ? doomed : other);
      if (++had === 500) doomed.process.kill("SIGKILL");
      const isRight = bad.includes(wheel)
        ? answer.status === 403 && /record-unlisted-file/.test(answer.statusText)
        : answer.status === 200 && digestOf(answer.whole) === wheel.sha256;
      if (!isRight) answers.push(`${wheel.filename}: ${answer.status} ${answer.statusText}`);
    }
  }

  await Promise.all(Array.from({ length: 50 }, (_, number) => client(number)));
  assert.deepEqual(answers, []);
  assert.ok((await metric(other, "tspip_inspections_total")) <= 30, "each file at most once");
  other.process.kill("SIGTERM");
  assert.deepEqual(await once(other.process, "exit"), [0, null]);
});

test("while PostgreSQL is away nothing is served, and it is again when it is back", skipWithoutPostgres, async () => {
  await using postgres = await startPostgres();
  await using scene = await setPostgresScene(postgres);
  const app = scene.offer({ name: "app", version: "1.0" });
  const instance = await startInstance(scene);
  await postgres.stop();
  assert.equal((await fetch(new URL("health", instance.url))).status, 503);
  const file = new URL(`all/files/app/${app.filename}`, instance.url);
  const refused = await fetch(file);
  assert.equal(`${refused.status} ${/database/.test(refused.statusText)}`, "503 true");
  await postgres.start();
  assert.equal((await fetch(new URL("health", instance.url))).status, 200);
  assert.equal((await fetch(file)).status, 200);
  instance.process.kill("SIGTERM");
  await once(instance.process, "exit");
});
