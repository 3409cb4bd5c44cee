import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { makeEnv, needsPip, offerOwnPip, offTheNet, ownPip, pipIn } from "../../testing/bundled-pip.ts";
import { startFakeIndex } from "../../testing/fake-index.ts";
import { type MadeWheel, makeWheel } from "../../testing/make-wheel.ts";
import { provenanceOf, python, setScene } from "../../testing/scene.ts";
import { createTlsAuthority } from "../../testing/tls-authority.ts";
import type { TestPublisher } from "../../testing/trusted-publishers.ts";

/** `tspip bootstrap`, with the real pip that the interpreter brings along for ensurepip. */

const pypa: TestPublisher = { kind: "github", repository: "pypa/pip", workflow: "release.yml", ref: "refs/tags/99.0" };
const mallory: TestPublisher = { ...pypa, repository: "mallory/pip" };

/** A wheel that says that it is pip 99.0. */
function madePip(): MadeWheel {
  return makeWheel({
    name: "pip",
    version: "99.0",
    files: { "pip/__init__.py": '__version__ = "99.0"\n', "pip/__main__.py": 'print("this is pip 99.0")\n' },
  });
}

test("bootstrap: an environment without pip gets one whose digest is known, and it works", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  const version = offerOwnPip(scene);
  const { exitCode, stderr } = await scene.tspipWith(offTheNet, "bootstrap", "--venv", "env");
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /^upgrading pip\n[\s\S]*pip has been upgraded\n$/);
  assert.match(pipIn(scene, "--version"), new RegExp(`^pip ${version} `));
  assert.equal((await scene.tspipAlone("audit", "--venv", "env")).exitCode, 0);

  const again = await scene.tspipWith(offTheNet, "bootstrap", "--venv", "env");
  assert.equal(again.exitCode, 0);
  assert.doesNotMatch(again.stderr, /upgrading/);
});

test("bootstrap and pip: a virtual environment that is not there yet is made", needsPip, async () => {
  await using scene = await setScene();
  const version = offerOwnPip(scene);
  scene.offer({ name: "app", version: "1.0" });
  const { exitCode, stderr } = await scene.tspipWith(offTheNet, "pip", "--venv", "env", "install", "app");
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /^upgrading pip\n/);
  assert.deepEqual(scene.installed(), ["app==1.0", `pip==${version}`]);
  scene.offer({ name: "pip", version: "99.0" }, { provenance: null });
  const bad = await scene.tspipWith(offTheNet, "bootstrap", "--venv", "other", "-i", `${scene.index.origin}/nothing/`);
  assert.deepEqual([bad.exitCode, existsSync(join(scene.folder, "other"))], [3, false]);
});

test("bootstrap: pip by its publisher's attestation", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  const wheel = madePip();
  scene.index.add({ ...wheel, provenance: provenanceOf(wheel, pypa) });
  const { exitCode, stderr } = await scene.tspipWith(offTheNet, "bootstrap", "--venv", "env");
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /published by GitHub pypa\/pip release\.yml/);
  assert.match(pipIn(scene), /this is pip 99\.0/);
});

test(
  "bootstrap: a place without pip hands on to the next, the last of which is the default index",
  needsPip,
  async () => {
    await using scene = await setScene();
    makeEnv(scene);
    const authority = await createTlsAuthority("Test CA");
    await using pypi = await startFakeIndex(await authority.issue("pypi.org"));
    await using proxy = await startProxy(new URL(pypi.origin));
    scene.write("ca.pem", authority.certificate);
    scene.write("links/.keep", "");
    pypi.add({ filename: basename(ownPip), bytes: readFileSync(ownPip) });
    const argv = ["bootstrap", "--venv", "env", "--cert", "ca.pem", "-f", "links"];
    const { exitCode, stderr } = await scene.tspipWith({ HTTPS_PROXY: proxy.url }, ...argv);
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(scene.index.requests, ["GET /simple/pip/"]);
    assert.equal(pypi.requests[0], "GET /simple/pip/");
    assert.deepEqual(proxy.asked, ["pypi.org:443"]);
  },
);

test("bootstrap: a first location that offers a higher version without evidence never wins", needsPip, async () => {
  const wheel = madePip();
  const otherTag: TestPublisher = { ...pypa, ref: "refs/tags/1.0" };
  for (const [what, provenance, finding] of [
    ["nothing", null, undefined],
    ["somebody else's attestation", provenanceOf(wheel, mallory), "signer-mismatch"],
    ["an attestation from another tag", provenanceOf(wheel, otherTag), "signer-mismatch"],
    ["no attestation document", "{}", "attestation-unreadable"],
  ] as const) {
    await using scene = await setScene();
    makeEnv(scene);
    scene.index.add({ ...wheel, provenance });
    const version = offerOwnPip(scene);
    const { exitCode, stderr } = await scene.tspipWith(offTheNet, "bootstrap", "--venv", "env");
    if (finding === undefined) {
      assert.equal(exitCode, 0, what + stderr);
      assert.match(stderr, /warning: .*pip-99\.0-py3-none-any\.whl/);
      assert.match(pipIn(scene, "--version"), new RegExp(`^pip ${version} `));
    } else {
      assert.equal(exitCode, 1, what + stderr);
      assert.match(stderr, new RegExp(`reason: .*\\[${finding}\\]`, "s"), what);
      assert.deepEqual(scene.installed(), []);
    }
  }
});

test("bootstrap: a wheel with the name of a published one and other bytes is refused", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  const wheel = makeWheel({ name: "pip", version: "24.0" });
  scene.index.add({ ...wheel, provenance: provenanceOf(wheel, { ...pypa, ref: "refs/tags/24.0" }) });
  const { exitCode, stderr } = await scene.tspipWith(offTheNet, "bootstrap", "--venv", "env");
  assert.equal(exitCode, 1, stderr);
  assert.match(stderr, /reason: .*hash-mismatch/s);
  assert.deepEqual(scene.installed(), []);
});

test("bootstrap: outside a virtual environment pip goes to the user's own site", needsPip, async () => {
  await using scene = await setScene();
  offerOwnPip(scene);
  const bare = bareInstallation(join(scene.folder, "base"));
  const env = {
    ...offTheNet,
    PYTHONUSERBASE: join(scene.folder, "user"),
    PATH: `${dirname(bare)}:${process.env.PATH}`,
  };
  const { exitCode, stderr } = await scene.tspipWith(env, "bootstrap");
  assert.equal(exitCode, 0, stderr);
  assert.match(execFileSync(bare, ["-m", "pip", "--version"], { encoding: "utf8", env }), /\/user\/lib\//);
});

test("bootstrap: what its distributor manages is left alone (PEP 668)", needsPip, async () => {
  await using scene = await setScene();
  offerOwnPip(scene);
  const bare = bareInstallation(join(scene.folder, "base"));
  const [lib = ""] = readdirSync(join(scene.folder, "base/lib"));
  scene.write(`base/lib/${lib}/EXTERNALLY-MANAGED`, "[externally-managed]\nError=Use apt\n");
  const env = { ...offTheNet, PYTHONUSERBASE: join(scene.folder, "user") };
  const { exitCode, stderr } = await scene.tspipWith(env, "bootstrap", "--python", bare);
  assert.equal(exitCode, 4, stderr);
  assert.match(stderr, /reason: .*managed by its distributor\s+Use apt/);
  assert.match(stderr, /by hand:\n {2}1\. .*venv/);
  assert.equal(existsSync(join(scene.folder, "user")), false);

  const forced = await scene.tspipWith(env, "bootstrap", "--python", bare, "--break-system-packages");
  assert.equal(forced.exitCode, 0, forced.stderr);
  const present = await scene.tspipWith(env, "bootstrap", "--python", bare);
  assert.deepEqual([present.exitCode, / is there already\n$/.test(present.stderr)], [0, true]);
});

test(
  "bootstrap --offline: the wheel that the interpreter has for ensurepip, when its digest is known",
  needsPip,
  async () => {
    await using scene = await setScene();
    makeEnv(scene);
    const { exitCode, stderr } = await scene.tspip("bootstrap", "--venv", "env", "--offline");
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /its digest is the one that tspip has known since/);
    assert.deepEqual(scene.index.requests, []);
  },
);

test("bootstrap --tool uv: by its publisher's attestation", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  const uv = makeWheel({
    name: "uv",
    version: "99.0",
    files: { "uv-99.0.data/scripts/uv": "#!/bin/sh\necho uv 99.0\n" },
  });
  const astral: TestPublisher = { ...pypa, repository: "astral-sh/uv" };
  scene.index.add({ ...uv, provenance: provenanceOf(uv, astral) });
  const { exitCode, stderr } = await scene.tspipWith(offTheNet, "bootstrap", "--tool", "uv", "--venv", "env");
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /^upgrading uv\n[\s\S]*uv has been upgraded\n$/);
  assert.equal(execFileSync(join(scene.folder, "env/bin/uv"), { encoding: "utf8" }), "uv 99.0\n");
});

test("bootstrap --wheel: what is no wheel of pip, or not there, is a wrong request", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  const app = makeWheel({ name: "app", version: "1.0" });
  scene.write(app.filename, app.bytes);
  scene.write("policy.toml", "version = 1\n[default]\n");
  const nowhere = await scene.tspip("bootstrap", "--venv", "env", "--no-index");
  assert.deepEqual([nowhere.exitCode, /There is no place to look for pip/.test(nowhere.stderr)], [2, true]);
  for (const wheel of [app.filename, "pip-1.0-py3-none-any.whl", "pip-1.0.tar.gz"]) {
    const argv = ["bootstrap", "--venv", "env", "--policy", "policy.toml", "--wheel", wheel];
    const { exitCode, stderr } = await scene.tspip(...argv);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, /error: (?:".*" is no wheel of pip|There is no ".*")\n$/);
  }
});

test("bootstrap: a wheel given by hand touches no cache", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  scene.write(`downloads/${basename(ownPip)}`, readFileSync(ownPip));
  const wheel = `downloads/${basename(ownPip)}`;
  const { exitCode, stderr } = await scene.tspipWith(offTheNet, "bootstrap", "--venv", "env", "--wheel", wheel);
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(scene.index.requests, []);
  assert.equal(existsSync(join(scene.folder, ".cache")), false);
  assert.match(pipIn(scene, "--version"), /^pip /);
});

test("bootstrap: a wheel given by hand that nobody vouches for is refused", needsPip, async () => {
  await using scene = await setScene();
  makeEnv(scene);
  const wheel = madePip();
  scene.write(wheel.filename, wheel.bytes);
  const { exitCode, stderr } = await scene.tspip("bootstrap", "--venv", "env", "--wheel", wheel.filename);
  assert.equal(exitCode, 1, stderr);
  assert.match(stderr, /attestation-absent/);
  scene.write(`${wheel.filename}.provenance`, provenanceOf(wheel, pypa));
  assert.equal((await scene.tspip("bootstrap", "--venv", "env", "--wheel", wheel.filename)).exitCode, 0);
  assert.deepEqual(scene.installed(), ["pip==99.0"]);
});

/** A proxy that leads every connection to one server. */
async function startProxy(to: URL) {
  const asked: string[] = [];
  const server = createServer().on("connect", ({ url = "" }, socket) => {
    asked.push(url);
    const upstream = connect(Number(to.port), to.hostname, () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    upstream.pipe(socket).pipe(upstream);
    for (const end of [upstream, socket]) end.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An installation of Python without any packages. @returns its interpreter */
function bareInstallation(folder: string): string {
  const script = "import os, sys, sysconfig; print(os.path.realpath(sys.executable), sysconfig.get_path('stdlib'))";
  const [executable = "", library = ""] = execFileSync(python ?? "", ["-c", script], { encoding: "utf8" })
    .trim()
    .split(" ");
  const lib = join(folder, "lib", basename(library));
  mkdirSync(join(lib, "site-packages"), { recursive: true });
  mkdirSync(join(folder, "bin"));
  for (const name of readdirSync(library))
    if (name !== "site-packages") symlinkSync(join(library, name), join(lib, name));
  const copy = join(folder, "bin", "python3");
  copyFileSync(executable, copy);
  return copy;
}
