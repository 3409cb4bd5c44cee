import assert from "node:assert/strict";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { digestOf } from "../../distribution/digest.ts";
import { type FakeUploadServer, startFakeUploadServer, type UploadFault } from "../../testing/fake-upload-server.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { provenanceOf, type Scene, setScene } from "../../testing/scene.ts";
import { createTlsAuthority } from "../../testing/tls-authority.ts";
import type { TestPublisher } from "../../testing/trusted-publishers.ts";

/** `tspip publish`, against an upload API on loopback. */

const alice: TestPublisher = { kind: "github", repository: "acme/alice", workflow: "release.yml" };
const token = { TSPIP_PUBLISH_TOKEN: "pypi-secret" };
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

function publish(scene: Scene, server: FakeUploadServer, env: Record<string, string>, ...argv: string[]) {
  return scene.tspipOn({ env }, "publish", "--trusted-root", "root.json", "--repository-url", server.url, ...argv);
}

test("publish: a wheel goes up with its metadata and attestation, and installs through the gate", async () => {
  await using scene = await setScene();
  await using server = await startFakeUploadServer();
  const wheel = makeWheel({
    name: "app",
    version: "1.0",
    metadata: ["Summary: An app", "Classifier: A :: B", "Classifier: C", "Project-URL: Home, https://a.example/"],
  });
  scene.write(`dist/${wheel.filename}`, wheel.bytes);
  const attestation = attestationOf(provenanceOf(wheel, alice));
  scene.write(`dist/${wheel.filename}.publish.attestation`, attestation);
  const { exitCode, stderr } = await publish(scene, server, token, "dist/");
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /Uploaded app-1\.0-py3-none-any\.whl with 1 attestation to http:/);
  const [upload] = server.uploads;
  assert.ok(upload);
  assert.equal(upload.authorization, basic("__token__", "pypi-secret"));
  assert.ok(upload.bytes.equals(wheel.bytes));
  const fields = upload.fields.filter(([name]) => name !== "attestations");
  assert.deepEqual(fields, [
    [":action", "file_upload"],
    ["protocol_version", "1"],
    ["filetype", "bdist_wheel"],
    ["pyversion", "py3"],
    ["metadata_version", "2.1"],
    ["name", "app"],
    ["version", "1.0"],
    ["summary", "An app"],
    ["classifiers", "A :: B"],
    ["classifiers", "C"],
    ["project_urls", "Home, https://a.example/"],
    ["sha256_digest", wheel.sha256],
  ]);
  const sent = upload.fields.find(([name]) => name === "attestations")?.[1] ?? "";
  assert.deepEqual(JSON.parse(sent), [JSON.parse(attestation)]);
});

test("publish: the attestation goes up that was judged, whatever lies there since", async () => {
  await using scene = await setScene();
  await using server = await startFakeUploadServer();
  const wheel = makeWheel({ name: "app", version: "1.0" });
  scene.write(`dist/${wheel.filename}`, wheel.bytes);
  const attestation = attestationOf(provenanceOf(wheel, alice));
  scene.write(`dist/${wheel.filename}.publish.attestation`, attestation);
  // The report is written between judging and uploading.
  const stdout = {
    isTTY: false,
    write() {
      scene.write(`dist/${wheel.filename}.publish.attestation`, "{}");
      scene.write(`dist/${wheel.filename}.slsa.attestation`, "{}");
    },
  };
  const argv = ["publish", "--trusted-root", "root.json", "--repository-url", server.url, "dist/"];
  const { exitCode, stderr } = await scene.tspipOn({ env: token, stdout }, ...argv);
  assert.equal(exitCode, 0, stderr);
  const sent = server.uploads[0]?.fields.find(([name]) => name === "attestations")?.[1] ?? "";
  assert.deepEqual(JSON.parse(sent), [JSON.parse(attestation)]);
});

test("publish: a source distribution goes up with its PKG-INFO", async () => {
  await using scene = await setScene();
  await using server = await startFakeUploadServer();
  const info = "Metadata-Version: 2.4\nName: app\nVersion: 1.0\n\n# App\n\nText\n";
  scene.write("app-1.0.tar.gz", gzipSync(tarOf("app-1.0/PKG-INFO", info)));
  const { exitCode, stderr } = await publish(scene, server, token, "app-1.0.tar.gz");
  assert.equal(exitCode, 0, stderr);
  const fields = new Map(server.uploads[0]?.fields);
  assert.deepEqual([fields.get("filetype"), fields.get("pyversion")], ["sdist", "source"]);
  assert.equal(fields.get("description"), "# App\n\nText\n");
  assert.equal(fields.get("sha256_digest"), digestOf(readFileSync(join(scene.folder, "app-1.0.tar.gz"))));
});

test("publish: METADATA says nothing that is the form's to say, and has to be of the file", async () => {
  await using scene = await setScene();
  await using server = await startFakeUploadServer();
  const odd = makeWheel({
    name: "app",
    version: "1.0",
    metadata: ["Content: x", "Filetype: sdist", "Sha256-Digest: 0"],
  });
  scene.write(odd.filename, odd.bytes);
  assert.equal((await publish(scene, server, token, odd.filename)).exitCode, 0);
  const names = server.uploads[0]?.fields.map(([name]) => name) ?? [];
  assert.equal(new Set(names).size, names.length);
  const info = "Metadata-Version: 2.4\nName: other\nVersion: 1.0\n";
  scene.write("app-1.0.tar.gz", gzipSync(tarOf("app-1.0/PKG-INFO", info)));
  const other = await publish(scene, server, token, "app-1.0.tar.gz");
  assert.equal(other.exitCode, 2);
  assert.match(other.stderr, /"app-1\.0\.tar\.gz" says of itself that it is other 1\.0/);
  assert.equal(server.uploads.length, 1);
});

test("publish: what a user would refuse does not go up, nor does anything beside it", async () => {
  await using scene = await setScene();
  await using server = await startFakeUploadServer();
  const good = makeWheel({ name: "good", version: "1.0" });
  const bad = makeWheel({ name: "bad", version: "1.0", altered: { "bad/__init__.py": "import evil\n" } });
  for (const wheel of [good, bad]) scene.write(`dist/${wheel.filename}`, wheel.bytes);
  const { exitCode, stdout } = await publish(scene, server, token, "dist/");
  assert.equal(exitCode, 1);
  assert.match(stdout, /error\[record-mismatch\]/);
  assert.match(stdout, /Refused 1 of 2 artifacts .*; nothing was uploaded\n$/);

  const other = makeWheel({ name: "other", version: "1.0" });
  scene.write(`dist/${good.filename}.publish.attestation`, attestationOf(provenanceOf(other, alice)));
  const lying = await publish(scene, server, token, `dist/${good.filename}`);
  assert.equal(lying.exitCode, 1, lying.stdout);
  assert.match(lying.stdout, /error\[attestation-subject-mismatch\]/);

  scene.write(
    "policy.toml",
    'version = 1\n[signers.alice]\nkind = "github"\nrepository = "acme/alice"\n[default]\nattestation = "require"\npublish = { signer = "alice" }\n',
  );
  scene.write(good.filename, good.bytes);
  const unattested = await publish(scene, server, token, "--policy", "policy.toml", good.filename);
  assert.equal(unattested.exitCode, 1);
  assert.match(unattested.stdout, /error\[attestation-absent\]/);
  assert.deepEqual(server.requests, []);
});

test("publish: --dry-run uploads nothing, --skip-existing passes over what is there", async () => {
  await using scene = await setScene();
  await using server = await startFakeUploadServer();
  const wheel = makeWheel({ name: "app", version: "1.0" });
  scene.write(wheel.filename, wheel.bytes);
  const dry = await publish(scene, server, token, "--dry-run", wheel.filename);
  assert.deepEqual([dry.exitCode, server.requests.length], [0, 0]);
  assert.equal((await publish(scene, server, token, wheel.filename)).exitCode, 0);
  const again = await publish(scene, server, token, wheel.filename);
  assert.equal(again.exitCode, 2);
  assert.match(again.stderr, /has "app-1\.0-py3-none-any\.whl" already, and files are never replaced\nhint: /);
  const skipped = await publish(scene, server, token, "--skip-existing", wheel.filename);
  assert.equal(skipped.exitCode, 0);
  assert.match(skipped.stderr, /Skipped app-1\.0/);
  assert.equal(server.uploads.length, 1);
});

test("publish: what goes wrong is reported in the server's words, escaped, and nothing is called done", async () => {
  await using scene = await setScene();
  await using server = await startFakeUploadServer();
  const wheel = makeWheel({ name: "app", version: "1.0", files: { "app/data": Buffer.alloc(3_000_000, 1) } });
  scene.write(wheel.filename, wheel.bytes);
  const answering =
    (status: number, type: string, body: string): UploadFault =>
    (request, response) => {
      request.resume();
      response.writeHead(status, { "content-type": type });
      response.end(body);
      return true;
    };
  for (const [fault, words] of [
    [
      answering(403, "text/html", "<h1>403 Invalid or \u001b[31mexpired token</h1>"),
      /403: 403 Invalid or \\u\{1b\}\[31mexpired token\nhint: Check the token/,
    ],
    [answering(400, "application/json", '{"message": "Bad classifier"}'), /400: Bad classifier\n/],
    [answering(500, "text/plain", ""), /HTTP status 500\n/],
    [answering(301, "text/plain", ""), /HTTP status 301\nhint: Give the address/],
    [breakingOff, /Cannot send to http:.*\nhint: Whether it arrived is not known/],
  ] as const) {
    server.fault = fault;
    const { exitCode, stderr } = await publish(scene, server, token, wheel.filename);
    assert.equal(exitCode, 3, stderr);
    assert.match(stderr, words);
    assert.doesNotMatch(stderr, /Uploaded/);
  }
});

test("publish: a certificate by an authority that nobody trusts is not taken, whatever the environment says", async () => {
  await using scene = await setScene();
  const authority = await createTlsAuthority("Mallory");
  await using server = await startFakeUploadServer(await authority.issue("127.0.0.1"));
  const wheel = makeWheel({ name: "app", version: "1.0" });
  scene.write(wheel.filename, wheel.bytes);
  const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  try {
    const { exitCode, stderr } = await publish(scene, server, token, wheel.filename);
    assert.equal(exitCode, 3, stderr);
    assert.match(stderr, /self[- ]signed certificate|unable to/);
    assert.deepEqual(server.requests, []);
  } finally {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
  }
  scene.write("ca.pem", authority.certificate);
  const trusting = await publish(scene, server, token, "--cert", "ca.pem", wheel.filename);
  assert.equal(trusting.exitCode, 0, trusting.stderr);
});

test("publish: credentials come from the address, netrc, the keyring, or the identity of a CI job", async () => {
  await using scene = await setScene();
  await using server = await startFakeUploadServer();
  const names = ["a", "b", "c", "d", "e"].map((name) => {
    const wheel = makeWheel({ name, version: "1.0" });
    scene.write(wheel.filename, wheel.bytes);
    return wheel.filename;
  });
  const [a = "", b = "", c = "", d = "", e = ""] = names;
  const inAddress = server.url.replace("://", "://user:pass@");
  await scene.tspipAlone("publish", "--repository-url", inAddress, a);
  scene.write(".netrc", "machine 127.0.0.1 login nora password secret\n");
  await publish(scene, server, {}, b);
  scene.write(".netrc", "");
  const job = { ACTIONS_ID_TOKEN_REQUEST_URL: `${server.origin}/identity?x=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "job" };
  const minted = await publish(scene, server, job, "--no-attest", c);
  assert.equal(minted.exitCode, 0, minted.stderr);
  await publish(scene, server, { GITLAB_CI: "true", FAKE_INDEX_ID_TOKEN: "gitlab's" }, d);
  scene.write("bin/keyring", '#!/bin/sh\n[ "$1 $3" = "get __token__" ] && echo "from the keyring"\n');
  chmodSync(join(scene.folder, "bin/keyring"), 0o755);
  const path = { PATH: `${join(scene.folder, "bin")}:${process.env.PATH}` };
  await publish(scene, server, path, "--keyring-provider", "subprocess", e);
  assert.deepEqual(
    server.uploads.map(({ authorization }) => authorization),
    [
      basic("user", "pass"),
      basic("nora", "secret"),
      basic("__token__", 'minted for {"token":"identity for /identity?x=1&audience=fake-index"}'),
      basic("__token__", 'minted for {"token":"gitlab\'s"}'),
      basic("__token__", "from the keyring"),
    ],
  );
});

test("publish: an index gets no identity token for somebody else", async () => {
  await using scene = await setScene();
  await using server = await startFakeUploadServer();
  const wheel = makeWheel({ name: "app", version: "1.0" });
  scene.write(wheel.filename, wheel.bytes);
  const jobs = [
    { ACTIONS_ID_TOKEN_REQUEST_URL: `${server.origin}/identity?x=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "job" },
    { GITLAB_CI: "true", PYPI_ID_TOKEN: "gitlab's", TESTPYPI_ID_TOKEN: "gitlab's", SIGSTORE_ID_TOKEN: "gitlab's" },
  ];
  const addresses = [
    "sts.amazonaws.com",
    "api://AzureADTokenExchange",
    "https://github.com/acme",
    "npm:registry.npmjs.org",
  ];
  for (const audience of ["pypi", "testpypi", "sigstore", ...addresses]) {
    server.audience = audience;
    for (const job of jobs) {
      const { exitCode, stderr } = await publish(scene, server, job, "--no-attest", wheel.filename);
      assert.equal(exitCode, 3);
      assert.match(stderr, /asks for an identity token for ".*", which is not its own/);
    }
  }
  assert.deepEqual(
    server.requests.filter((request) => request !== "GET /_/oidc/audience"),
    [],
  );
});

test("publish: an index gets a token for its own address, and of GitLab's variables one that is for it", async () => {
  await using scene = await setScene();
  await using server = await startFakeUploadServer();
  const wheels = ["1.0", "2.0", "3.0"].map((version) => makeWheel({ name: "app", version }));
  for (const { filename, bytes } of wheels) scene.write(filename, bytes);
  const [a = "", b = "", c = ""] = wheels.map(({ filename }) => filename);
  const job = { ACTIONS_ID_TOKEN_REQUEST_URL: `${server.origin}/identity?x=1`, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "job" };
  server.audience = "https://127.0.0.1/packages";
  assert.equal((await publish(scene, server, job, "--no-attest", a)).exitCode, 0);
  assert.match(server.uploads[0]?.authorization ?? "", /^Basic /);
  const tokenFor = (aud: unknown) => `e30.${Buffer.from(JSON.stringify({ aud })).toString("base64url")}.sig`;
  server.audience = "vault";
  for (const aud of ["https://vault.example.com", ["a", "b"], 1, undefined])
    await publish(scene, server, { GITLAB_CI: "true", VAULT_ID_TOKEN: tokenFor(aud) }, "--no-attest", b);
  assert.ok(!server.requests.includes("POST /_/oidc/mint-token", server.requests.indexOf("POST /legacy/")));
  const gitlab = { GITLAB_CI: "true", VAULT_ID_TOKEN: tokenFor(["vault"]) };
  assert.equal((await publish(scene, server, gitlab, "--no-attest", c)).exitCode, 0);
  assert.equal(
    server.uploads.at(-1)?.authorization,
    basic("__token__", `minted for {"token":"${gitlab.VAULT_ID_TOKEN}"}`),
  );
});

test("publish: a server that repeats what we sent does not put the token into the log", async () => {
  await using scene = await setScene();
  await using server = await startFakeUploadServer();
  const wheel = makeWheel({ name: "app", version: "1.0" });
  scene.write(wheel.filename, wheel.bytes);
  const secret = `pypi-${"AgEIcHlwaS5vcmc".repeat(3)}`;
  const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl";
  server.fault = ({ headers }, response) => {
    const said = `Basic authentication failed: ${headers.authorization}, ${secret}, bearer ${jwt} ${jwt}`;
    response.writeHead(403, { "content-type": "text/plain" }).end(said);
    return true;
  };
  const { stderr } = await publish(scene, server, { TSPIP_PUBLISH_TOKEN: secret }, wheel.filename);
  assert.match(stderr, /HTTP status 403: Basic authentication failed: Basic \*\*\*, \*\*\*, bearer \*\*\* \*\*\*/);
  assert.ok(!stderr.includes(secret) && !stderr.includes(basic("__token__", secret).slice(6)));
});

test("publish: an identity endpoint that is no URL is a mistake of the job", async () => {
  await using scene = await setScene();
  await using server = await startFakeUploadServer();
  const wheel = makeWheel({ name: "app", version: "1.0" });
  scene.write(wheel.filename, wheel.bytes);
  const job = { ACTIONS_ID_TOKEN_REQUEST_URL: "nowhere", ACTIONS_ID_TOKEN_REQUEST_TOKEN: "job" };
  const { exitCode, stderr } = await publish(scene, server, job, wheel.filename);
  assert.equal(exitCode, 2);
  assert.match(stderr, /ACTIONS_ID_TOKEN_REQUEST_URL is no URL/);
});

test("publish: nobody waits for an answer that goes on and on, nor for one that is long to read", async () => {
  await using scene = await setScene();
  await using server = await startFakeUploadServer();
  const wheel = makeWheel({ name: "app", version: "1.0" });
  scene.write(wheel.filename, wheel.bytes);
  const start = performance.now();
  for (const [status, exitCode] of [
    [200, 0],
    [400, 3],
  ] as const) {
    server.fault = dripping(status);
    const answer = await publish(scene, server, token, "--timeout", "1", wheel.filename);
    assert.equal(answer.exitCode, exitCode, answer.stderr);
  }
  server.fault = (_, response) => {
    response.writeHead(400, { "content-type": "text/html" }).end("<".repeat(64 << 10));
    return true;
  };
  assert.equal((await publish(scene, server, token, wheel.filename)).exitCode, 3);
  assert.ok(performance.now() - start < 15_000);
});

/** Answers with a word a moment, for ever. */
function dripping(status: number): UploadFault {
  return (request, response) => {
    request.resume();
    response.writeHead(status, { "content-type": "text/plain" });
    const drops = setInterval(() => response.write("busy "), 200);
    response.once("close", () => clearInterval(drops));
    return true;
  };
}

test("publish: without any token the default index is not even asked", async () => {
  await using scene = await setScene();
  const wheel = makeWheel({ name: "app", version: "1.0" });
  scene.write(wheel.filename, wheel.bytes);
  const { exitCode, stderr } = await scene.tspipAlone("publish", wheel.filename);
  assert.equal(exitCode, 2);
  assert.match(stderr, /There is no token for upload\.pypi\.org\nhint: Set TSPIP_PUBLISH_TOKEN/);
});

const breakingOff: UploadFault = (request) => {
  request.once("data", () => request.destroy());
  return true;
};

function attestationOf(provenance: string): string {
  return JSON.stringify(JSON.parse(provenance).attestation_bundles[0].attestations[0]);
}

/** An archive with one file (POSIX.1-1988, ustar). */
function tarOf(name: string, text: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(Buffer.byteLength(text).toString(8).padStart(11, "0"), 124);
  const content = Buffer.alloc(Math.ceil(Buffer.byteLength(text) / 512) * 512);
  content.write(text);
  return Buffer.concat([header, content, Buffer.alloc(1024)]);
}
