import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { makeWheel } from "../../testing/make-wheel.ts";
import { python, setScene } from "../../testing/scene.ts";
import { temporaryFolder } from "../../testing/tree.ts";

/** `tspip publish` against pypiserver, a real index, which is installed from the index that pip is set up for. */

test("publish: pypiserver takes a wheel once, and it installs from there through the gate", async (t) => {
  using tools = temporaryFolder();
  const program = installPypiServer(tools.path);
  if (program === undefined) return t.skip("pypiserver cannot be installed");
  await using scene = await setScene();
  scene.write("packages/.keep", "");
  await using server = await startPypiServer(program, join(scene.folder, "packages"));
  const wheel = makeWheel({ name: "app", version: "1.0", metadata: ["Summary: An app"] });
  scene.write(`dist/${wheel.filename}`, wheel.bytes);
  const publish = (...argv: string[]) => scene.tspipAlone("publish", "--repository-url", server.url, ...argv);

  const first = await publish("dist/");
  assert.equal(first.exitCode, 0, first.stderr);
  assert.deepEqual(readdirSync(join(scene.folder, "packages")), [".keep", wheel.filename]);
  assert.equal((await publish("dist/")).exitCode, 2);
  assert.match((await publish("--skip-existing", "dist/")).stderr, /Skipped app-1\.0/);

  const index = ["-i", `${server.url}simple/`, "--venv", "env"];
  const installed = await scene.tspipAlone("install", ...index, "app==1.0");
  assert.equal(installed.exitCode, 0, installed.stderr);
  assert.deepEqual(scene.installed(), ["app==1.0"]);

  const bad = makeWheel({ name: "app", version: "2.0", altered: { "app/__init__.py": "import evil\n" } });
  scene.write(`bad/${bad.filename}`, bad.bytes);
  assert.equal((await publish("bad/")).exitCode, 1);
  assert.equal(existsSync(join(scene.folder, "packages", bad.filename)), false);
});

function installPypiServer(folder: string): string | undefined {
  try {
    execFileSync(python ?? "", ["-m", "venv", folder]);
    const pip = [join(folder, "bin/python"), "-m", "pip"];
    execFileSync(pip[0] ?? "", [...pip.slice(1), "install", "-q", "pypiserver==2.4.2"], { timeout: 120_000 });
    return join(folder, "bin/pypi-server");
  } catch {
    return undefined;
  }
}

interface RunningServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
}

/** Anybody may upload. */
async function startPypiServer(program: string, packages: string): Promise<RunningServer> {
  const port = await freePort();
  const argv = ["run", "-i", "127.0.0.1", "-p", String(port), "-P", ".", "-a", ".", "--disable-fallback", packages];
  const child = spawn(program, argv, { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}/`;
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(url).catch(() => undefined)) break;
    await sleep(100);
  }
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
