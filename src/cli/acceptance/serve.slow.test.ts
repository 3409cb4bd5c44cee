import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { makeToken } from "../../service/access.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { type RunningService, startTestService } from "../../testing/running-service.ts";
import { provenanceOf, python, type Scene, setScene, skipWithout } from "../../testing/scene.ts";
import { version } from "../version.ts";

/** `tspip serve` with real clients. */

const alice = { kind: "github", repository: "acme/alice", workflow: "release.yml" } as const;
const requireAlice = `version = 1
[signers.alice]
kind = "github"
repository = "acme/alice"
[default]
attestation = "require"
publish = { signer = "alice" }
`;
const anything = "version = 1\n[default]\n";

/** One open team "all" with a policy that takes everything. */
function configOf(scene: Scene, more = ""): string {
  return `listen = "127.0.0.1:0"
trusted-root = "root.json"
[storage]
artifacts = "state/artifacts"
database = "state/tspip.sqlite"
[[index]]
url = "${scene.index.url}"
[[team]]
name = "all"
policy = "all.toml"
open = true
${more}`;
}

async function setServiceScene(more = "", policy = anything): Promise<Scene> {
  const scene = await setScene();
  scene.write("all.toml", policy);
  scene.write("serve.toml", configOf(scene, more));
  return scene;
}

interface Run {
  readonly exitCode: number;
  readonly output: string;
}

/** Installs what is asked for with pip, or with uv, into the folder `target`. */
function install(client: "pip" | "uv", scene: Scene, index: URL, ...asked: string[]): Promise<Run> {
  const given = ["--target", "target", "--index-url", index.href, "--no-cache-dir", ...asked];
  return client === "pip"
    ? execute(python ?? "", ["-m", "pip", "install", "--retries", "0", "--upgrade", ...given], scene)
    : execute("uv", ["pip", "install", "--python", python ?? "", ...given], scene);
}

function execute(program: string, argv: readonly string[], { folder }: Scene): Promise<Run> {
  const env = { PATH: process.env.PATH, HOME: folder, PIP_CONFIG_FILE: "/dev/null", UV_NO_CONFIG: "1" };
  return new Promise((resolve) => {
    execFile(program, argv, { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

for (const client of ["pip", "uv"] as const) {
  test(`serve: ${client} installs from several upstreams what the policy allows`, skipWithout(client), async () => {
    await using own = await setScene();
    await using scene = await setServiceScene(`[[index]]\nurl = "${own.index.url}"\nprojects = ["acme-*"]\n`);
    scene.offer({ name: "app", version: "1.0", metadata: ["Requires-Dist: acme-lib"] });
    own.offer({ name: "acme-lib", version: "2.0" });
    scene.offer({ name: "acme-lib", version: "99.0" });
    await using service = await startTestService(scene);
    const { exitCode, output } = await install(client, scene, new URL("all/simple/", service.url), "app");
    assert.equal(exitCode, 0, output);
    const installed = readdirSync(join(scene.folder, "target")).filter((name) => name.endsWith(".dist-info"));
    assert.deepEqual(installed.sort(), ["acme_lib-2.0.dist-info", "app-1.0.dist-info"]);
    assert.equal(readdirSync(join(scene.folder, "state/artifacts")).length > 0, true);
  });

  test(`serve: ${client} does not get a tampered file, and the cause is said`, skipWithout(client), async () => {
    await using scene = await setServiceScene();
    scene.offer({ name: "app", version: "1.0", altered: { "app/__init__.py": "import evil\n" } });
    await using service = await startTestService(scene);
    const { exitCode, output } = await install(client, scene, new URL("all/simple/", service.url), "app");
    assert.notEqual(exitCode, 0);
    assert.match(output, /403[\s\S]*Refused by tspip: record-mismatch/);
  });
}

test(
  "serve: a large file reaches pip while its index is slow, and not when it is refused",
  skipWithout("pip"),
  async () => {
    await using scene = await setServiceScene();
    const files = { "data.bin": randomBytes(1 << 20) };
    const app = scene.offer({ name: "app", version: "1.0", files });
    const bad = scene.offer({ name: "bad", version: "1.0", files, altered: { "data.bin": randomBytes(1 << 20) } });
    scene.index.fault = ({ url = "" }, response) => {
      const wheel = [app, bad].find(({ filename }) => url.endsWith(filename));
      if (wheel === undefined) return false;
      response.setHeader("content-length", wheel.bytes.length);
      response.write(wheel.bytes.slice(0, 100_000));
      setTimeout(() => response.end(wheel.bytes.slice(100_000)), 6_000);
      return true;
    };
    await using service = await startTestService(scene);
    const index = new URL("all/simple/", service.url);
    // pip gives up after five seconds of silence.
    const allowed = await install("pip", scene, index, "--timeout", "5", "app");
    assert.equal(allowed.exitCode, 0, allowed.output);
    const refused = await install("pip", scene, index, "--timeout", "5", "bad");
    assert.notEqual(refused.exitCode, 0);
    assert.equal(
      service.log().some(({ path, status }) => path === `/all/files/bad/${bad.filename}` && status === 200),
      true,
    );
    const again = await install("pip", scene, index, "--timeout", "5", "bad");
    assert.match(again.output, /Refused by tspip: record-mismatch/);
  },
);

test("serve: inspectors that tspip.toml enables are asked for every file", skipWithout("pip"), async () => {
  await using scene = await setServiceScene();
  scene.offer({ name: "app", version: "1.0" });
  scene.offer({ name: "bad", version: "1.0" });
  scene.write("tspip.toml", '[[inspector]]\nname = "no-bad"\nmodule = "./no-bad.mjs"\n');
  scene.write(
    "no-bad.mjs",
    `export const plugin_type = () => "dist-inspector";
export function pre_extract(path) {
  if (/bad/.test(path)) throw Object.assign(new Error("bad is on our list"), { name: "InspectionRefused" });
}
`,
  );
  await using service = await startTestService(scene);
  const index = new URL("all/simple/", service.url);
  const app = await install("pip", scene, index, "app");
  assert.equal(app.exitCode, 0, app.output);
  const { exitCode, output } = await install("pip", scene, index, "bad");
  assert.notEqual(exitCode, 0);
  assert.match(output, /Refused by tspip/);
});

test("serve: each team has its policy and its tokens", skipWithout("pip"), async () => {
  const { token, sha256 } = makeToken();
  const team = `[[team]]\nname = "strict"\npolicy = "strict.toml"\ntoken-sha256 = ["${sha256}"]\n`;
  await using scene = await setServiceScene(team);
  scene.write("strict.toml", requireAlice);
  scene.offer({ name: "plain", version: "1.0" }, { provenance: null });
  const app = scene.offer({ name: "app", version: "1.0" });
  scene.index.add({ ...app, provenance: provenanceOf(app, alice) });
  await using service = await startTestService(scene);
  const strict = new URL("strict/simple/", service.url);

  const without = await install("pip", scene, strict, "--no-input", "app");
  assert.notEqual(without.exitCode, 0);
  for (const authorization of ["", "Bearer x", `Basic ${btoa("user:x")}`, "Basic %%%", `Digest ${token}`])
    assert.equal((await fetch(new URL("app/", strict), { headers: { authorization } })).status, 401, authorization);
  assert.equal((await fetch(new URL("/other/simple/app/", service.url))).status, 401, "teams cannot be guessed");
  const bearer = { headers: { authorization: `Bearer ${token}` } };
  assert.equal((await fetch(new URL("app/", strict), bearer)).status, 200);

  const withToken = new URL(strict);
  Object.assign(withToken, { username: "tspip", password: token });
  const allowed = await install("pip", scene, withToken, "app");
  assert.equal(allowed.exitCode, 0, allowed.output);
  const refused = await install("pip", scene, withToken, "plain");
  assert.match(refused.output, /attestation-absent/);
  assert.equal((await install("pip", scene, new URL("all/simple/", service.url), "plain")).exitCode, 0);
  assert.doesNotMatch(JSON.stringify(service.log()) + service.stderr(), new RegExp(token));
});

test("serve: TLS by certificate files", skipWithout("pip"), async () => {
  await using scene = await setServiceScene('[tls]\ncert = "cert.pem"\nkey = "key.pem"\n');
  const certificate = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem"];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"];
  execFileSync("openssl", ["req", "-x509", ...certificate, "-out", "cert.pem", ...names], {
    cwd: scene.folder,
    stdio: "ignore",
  });
  scene.offer({ name: "app", version: "1.0" });
  await using service = await startTestService(scene);
  assert.equal(service.url.protocol, "https:");
  const index = new URL("all/simple/", service.url);
  const { exitCode, output } = await install("pip", scene, index, "--cert", join(scene.folder, "cert.pem"), "app");
  assert.equal(exitCode, 0, output);
});

test("serve: /health, /metrics and an access log as JSON lines", async () => {
  const { token, sha256 } = makeToken();
  await using scene = await setServiceScene(`[metrics]\ntoken-sha256 = ["${sha256}"]\n`);
  const app = scene.offer({ name: "app", version: "1.0" });
  await using service = await startTestService(scene);
  const health = await fetch(new URL("health", service.url));
  assert.deepEqual([health.status, await health.text()], [200, `{"status":"ok","version":"${version}"}\n`]);
  await (await fetch(new URL(`all/files/app/${app.filename}`, service.url))).arrayBuffer();
  assert.equal((await fetch(new URL("all/files/app/none.whl", service.url))).status, 404);

  assert.equal((await fetch(new URL("metrics", service.url))).status, 401);
  const headers = { authorization: `Bearer ${token}` };
  const metrics = await (await fetch(new URL("metrics", service.url), { headers })).text();
  for (const line of [
    'tspip_requests_total{team="all",status="200"} 1',
    'tspip_requests_total{team="all",status="404"} 1',
    'tspip_verdicts_total{team="all",decision="allow"} 1',
    "tspip_inspections_total 1",
    "tspip_database_up 1",
  ])
    assert.ok(metrics.includes(`${line}\n`), `${line} in ${metrics}`);
  assert.match(metrics, /^process_resident_memory_bytes /m);

  const [, entry] = service.log();
  assert.deepEqual(
    { ...entry, time: typeof entry?.time, milliseconds: typeof entry?.milliseconds },
    {
      time: "string",
      client: "127.0.0.1",
      team: "all",
      method: "GET",
      path: `/all/files/app/${app.filename}`,
      status: 200,
      milliseconds: "number",
    },
  );
});

test("serve: an interruption lets answers under way end, and takes no new ones", async () => {
  await using scene = await setServiceScene();
  const app = scene.offer({ name: "app", version: "1.0" });
  const held = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  scene.index.fault = (request, response) => {
    if (!request.url?.endsWith(".whl")) return false;
    asked.resolve();
    void held.promise.then(() => response.end(app.bytes));
    return true;
  };
  await using service = await startTestService(scene);
  const file = fetch(new URL(`all/files/app/${app.filename}`, service.url));
  await asked.promise;
  const end = service.end();
  await assert.rejects(fetch(new URL("health", service.url)));
  held.resolve();
  const response = await file;
  assert.deepEqual([response.status, (await response.bytes()).length], [200, app.bytes.length]);
  assert.equal(await end, 0);
});

test("serve: nothing is served while the database is away, unless the configuration says to judge without it", async () => {
  await using scene = await setServiceScene();
  const app = scene.offer({ name: "app", version: "1.0" });
  scene.write("lax.toml", configOf(scene).replace("[[index]]", 'without-database = "judge"\n[[index]]'));
  await using strict = await startTestService(scene);
  await using lax = await startTestService(scene, "lax.toml");
  const path = `all/files/app/${app.filename}`;
  const database = new DatabaseSync(join(scene.folder, "state/tspip.sqlite"));
  database.exec("BEGIN EXCLUSIVE");
  const refused = await fetch(new URL(path, strict.url));
  assert.deepEqual([refused.status, /The database does not answer/.test(refused.statusText)], [503, true]);
  assert.equal((await fetch(new URL(path, lax.url))).status, 200);
  assert.match(lax.stderr(), /judging without it/);
  database.exec("COMMIT");
  database.close();
  assert.equal((await fetch(new URL(path, strict.url))).status, 200);
});

test("serve: a policy that cannot be read serves nobody until it can", async () => {
  await using scene = await setServiceScene();
  const app = scene.offer({ name: "app", version: "1.0" });
  await using service = await startTestService(scene);
  const file = new URL(`all/files/app/${app.filename}`, service.url);
  scene.write("all.toml", "version = 1\n[defualt]\n");
  assert.equal((await fetch(file)).status, 503);
  scene.write("all.toml", anything);
  assert.equal((await fetch(file)).status, 200);
});

test("serve: two instances start at once on one database, and a file is inspected once", async () => {
  await using scene = await setServiceScene("[metrics]\nopen = true\n");
  const app = scene.offer({ name: "app", version: "1.0" });
  const [first, second] = await Promise.all([startTestService(scene), startTestService(scene)]);
  await using _first = first;
  await using _second = second;
  const inspections = async () => {
    const texts = [first, second].map(async ({ url }) => (await fetch(new URL("metrics", url))).text());
    return (await Promise.all(texts)).map((text) => /^tspip_inspections_total (\d+)$/m.exec(text)?.[1]);
  };
  for (const { url } of [first, second, first])
    assert.equal((await fetch(new URL(`all/files/app/${app.filename}`, url))).status, 200);
  assert.deepEqual(await inspections(), ["1", "0"]);
});

test("serve: a file that was judged is still there for an instance that starts later, without its index", async () => {
  await using scene = await setServiceScene();
  const app = scene.offer({ name: "app", version: "1.0" });
  const path = `all/files/app/${app.filename}`;
  {
    await using service = await startTestService(scene);
    assert.equal((await fetch(new URL(path, service.url))).status, 200);
  }
  const before = scene.index.requests.length;
  await using service = await startTestService(scene);
  const response = await fetch(new URL(path, service.url));
  assert.deepEqual(Buffer.from(await response.bytes()), Buffer.from(app.bytes));
  assert.equal(
    scene.index.requests.slice(before).some((line) => line.endsWith(".whl")),
    false,
  );
});

test("serve: a changed policy holds for what was judged before", async () => {
  await using scene = await setServiceScene();
  const app = scene.offer({ name: "app", version: "1.0" });
  const path = `all/files/app/${app.filename}`;
  {
    await using service = await startTestService(scene);
    assert.equal((await fetch(new URL(path, service.url))).status, 200);
  }
  scene.write("all.toml", 'version = 1\n[floor]\ndeny = [{ name = "app" }]\n');
  await using service = await startTestService(scene);
  const response = await fetch(new URL(path, service.url));
  assert.match(`${response.status} ${response.statusText}`, /^403 .*denied-by-policy/);
});

test("serve: who signed is pinned in the database, and every instance compares with it", async () => {
  const policy = 'version = 1\n[default]\ncontinuity = { pins = "tspip.pins.json" }\n';
  await using scene = await setServiceScene("", policy);
  const [first, second] = ["1.0", "1.1"].map((version) => makeWheel({ name: "app", version }));
  const bob = { ...alice, repository: "mallory/app" };
  for (const [wheel, signer] of [
    [first, alice],
    [second, bob],
  ] as const)
    if (wheel) scene.index.add({ ...wheel, provenance: provenanceOf(wheel, signer) });
  await using one = await startTestService(scene);
  await using other = await startTestService(scene);
  const get = (service: RunningService, version: string) =>
    fetch(new URL(`all/files/app/app-${version}-py3-none-any.whl`, service.url));
  assert.equal((await get(other, "1.0")).status, 200);
  for (const service of [one, other]) {
    const refused = await get(service, "1.1");
    assert.match(`${refused.status} ${refused.statusText}`, /^403 .*provenance-changed/);
    assert.equal((await get(service, "1.0")).status, 200);
  }
});

test("serve: of two instances that are asked at once for files by different signers, one pins and the other refuses", async () => {
  const policy = 'version = 1\n[default]\ncontinuity = { pins = "tspip.pins.json" }\n';
  await using scene = await setServiceScene("", policy);
  const mallory = { ...alice, repository: "mallory/app" };
  for (const [version, signer] of [
    ["1.0", alice],
    ["1.1", mallory],
    ["1.2", alice],
    ["1.3", mallory],
  ] as const) {
    const wheel = makeWheel({ name: "app", version });
    scene.index.add({ ...wheel, provenance: provenanceOf(wheel, signer) });
  }
  // All are looked at before the first is pinned.
  const waiting: (() => void)[] = [];
  let isTogether = false;
  const { index } = scene;
  index.fault = (request, response) => {
    if (isTogether || !request.url?.startsWith("/integrity/")) return false;
    waiting.push(() => index.replay(request, response));
    if (waiting.length === 4) {
      isTogether = true;
      for (const answer of waiting) answer();
    }
    return true;
  };
  await using one = await startTestService(scene);
  await using other = await startTestService(scene);
  const get = async ({ url }: RunningService, version: string) => {
    const { status, statusText } = await fetch(new URL(`all/files/app/app-${version}-py3-none-any.whl`, url));
    return `${status} ${statusText}`;
  };
  const answers = await Promise.all([get(one, "1.0"), get(other, "1.1"), get(one, "1.2"), get(other, "1.3")]);
  assert.ok(isTogether);
  const [first = "", ...rest] = answers.map((answer) => answer.slice(0, 3));
  const both = [first, ...rest].join(" ");
  assert.ok(["200 403 200 403", "403 200 403 200"].includes(both), answers.join("\n"));
  assert.match(answers.join("\n"), /provenance-changed/);
});

test("serve: a configuration that is wrong is told with its place", async () => {
  await using scene = await setServiceScene();
  const good = configOf(scene);
  for (const [from, to, message] of [
    ["open = true", "", /\[\[team\]\] 1: it is either open or has tokens[\s\S]*hint: .*--new-token/],
    ["open = true", "opne = true", /unknown key "opne"/],
    ['"all.toml"', '"none.toml"', /none\.toml/],
    ['name = "all"', 'name = "health"', /cannot be the name of a team/],
    ['"127.0.0.1:0"', '"here"', /"listen" is not HOST:PORT/],
    ["[storage]", "[storage", /serve\.toml:\d+:\d+: /],
    ["[[index]]\nurl", "[[index]]\nprojects = [1]\nurl", /holds what is not text/],
  ] as const) {
    scene.write("serve.toml", good.replace(from, to));
    const { exitCode, stderr } = await scene.tspipAlone("serve", "--check");
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, message);
  }
  scene.write("serve.toml", good);
  assert.equal((await scene.tspipAlone("serve", "--check")).exitCode, 0);
});

test("serve: --new-token prints a token and its digest", async () => {
  await using scene = await setScene();
  const { exitCode, stdout } = await scene.tspipAlone("serve", "--new-token");
  assert.equal(exitCode, 0);
  assert.match(stdout, /^tspip-[\w-]{43}\ntoken-sha256 = \["[0-9a-f]{64}"\]\n$/);
});
