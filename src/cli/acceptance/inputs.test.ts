import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import type { Fault } from "../../testing/fake-index.ts";
import { startFakeIndex } from "../../testing/fake-index.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { setScene, skipWithout } from "../../testing/scene.ts";

/** Where requirements stand, and how an index is found and reached. */

const example = makeWheel();

test("install: pyproject.toml with an extra and a dependency group", skipWithout("uv"), async () => {
  await using scene = await setScene();
  for (const name of ["a", "b", "c", "d"]) scene.offer({ name, version: "1.0" });
  scene.write(
    "sub/pyproject.toml",
    '[project]\nname = "app"\ndependencies = ["a"]\n[project.optional-dependencies]\nmore = ["b"]\n[dependency-groups]\ntest = ["c", { include-group = "lint" }]\nlint = ["d"]\n',
  );
  const answer = await scene.tspip("install", "-r", "sub/pyproject.toml", "--extra", "more", "--venv", "env");
  assert.equal(answer.exitCode, 0, answer.stderr);
  assert.deepEqual(scene.installed(), ["a==1.0", "b==1.0"]);
  assert.equal((await scene.tspip("install", "--group", "sub/pyproject.toml:test", "--venv", "env")).exitCode, 0);
  assert.deepEqual(scene.installed(), ["a==1.0", "b==1.0", "c==1.0", "d==1.0"]);
});

test("requirements files: --pre, constraints, and what is no requirements file", skipWithout("uv"), async () => {
  await using scene = await setScene();
  for (const version of ["1.0", "2.0rc1"]) scene.offer({ name: "a", version });
  scene.write("requirements.txt", "--pre\n-c limits/constraints.txt\na \\\n  >=1 # comment\n");
  scene.write("limits/constraints.txt", "a<3\n");
  const { exitCode, stdout } = await scene.tspip("verify", "-r", "requirements.txt");
  assert.equal(exitCode, 0);
  assert.match(stdout, /ok a-2\.0rc1/);
  for (const [argument, words] of [
    ["https://evil.example/requirements.txt", /tspip does not fetch requirements files/],
    ["pylock.toml", /is a lock file: give it with --lock/],
  ] as const) {
    const answer = await scene.tspip("verify", "-r", argument);
    assert.equal(answer.exitCode, 2);
    assert.match(answer.stderr, words);
  }
});

test("a file that constrains in one place and asks in another does both", async () => {
  await using scene = await setScene();
  scene.offer({ name: "a", version: "1.0" });
  scene.offer({ name: "b", version: "1.0" });
  scene.write("dev.txt", "-c base.txt\na==1.0\n");
  scene.write("base.txt", "b==1.0\n");
  for (const files of [
    ["-r", "dev.txt", "-r", "base.txt"],
    ["-r", "base.txt", "-r", "dev.txt", "-c", "base.txt"],
  ]) {
    const { exitCode, stdout, stderr } = await scene.tspip("verify", "--no-deps", ...files);
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /ok b-1\.0.*Allowed 2 artifacts/s);
  }
});

test("requirements files that pip or uv would read in another way are mistakes", async () => {
  await using scene = await setScene();
  scene.offer({ name: "a", version: "1.0" });
  const files: [content: string | Buffer, words: RegExp][] = [
    ["# notes\u2028evil==1.0\na==1.0\n", /requirements\.txt:1: after U\+2028, pip begins a new line/],
    ["a==1.0 # notes\fevil==1.0\n", /requirements\.txt:1: after U\+000C/],
    ["# -*- coding: utf-7 -*-\n# +AAo-evil==1.0\na==1.0\n", /:1: it says that it is written in "utf-7"/],
    ["# notes\r# \r# coding: utf-7\n# +AAo-evil==1.0\na==1.0\n", /:1: it says that it is written in "utf-7"/],
    ["# notes\r-coding=utf-7\n# +AAo-evil==1.0\na==1.0\n", /:1: it says that it is written in "utf-7"/],
    ["# coding:\rutf-7\n# +AAo-evil==1.0\na==1.0\n", /:1: it says that it is written in "utf-7"/],
    ["a==1.0 # notes \\\nevil==1.0\n", /:1: its comment ends in a backslash/],
    [Buffer.from("a==1.0 # notes \x85evil==1.0\n", "latin1"), /requirements\.txt: it is not UTF-8/],
    [Buffer.from("\ufeffa==1.0\n", "utf16le"), /requirements\.txt: it is not UTF-8/],
  ];
  for (const [content, words] of files) {
    scene.write("requirements.txt", content);
    const { exitCode, stderr } = await scene.tspip("verify", "--no-deps", "-r", "requirements.txt");
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, words);
  }
  scene.write("requirements.txt", "\ufeff# coding: UTF-8\n# notes \\\na==1.0 \\\n  # more\n");
  assert.equal((await scene.tspip("verify", "--no-deps", "-r", "requirements.txt")).exitCode, 0);
});

test("what is no URL, or names no file, is a mistake of the request", async () => {
  await using scene = await setScene();
  for (const word of [
    "http://",
    "https://[bad",
    "file://elsewhere/demo-1.0-py3-none-any.whl",
    "file:///a%2fdemo-1.0-py3-none-any.whl",
    "demo @ https://127.0.0.1:9/demo-1.0%zz-py3-none-any.whl",
  ]) {
    const { exitCode, stderr } = await scene.tspip("verify", word);
    assert.equal(exitCode, 2, stderr);
    scene.write("requirements.txt", `${word}\n`);
    assert.equal((await scene.tspip("verify", "-r", "requirements.txt")).exitCode, 2);
  }
});

test("a place of links that is no URL is no path either, and its password is not shown", async () => {
  await using scene = await setScene();
  scene.offer({ name: "a", version: "1.0" });
  for (const place of ["https://me:s3cret@host.example:99999/", "ftp://me:s3cret@host.example/"]) {
    scene.write("requirements.txt", `--find-links ${place}\na==1.0\n`);
    for (const words of [
      ["-f", place, "a==1.0"],
      ["-r", "requirements.txt"],
    ]) {
      const { exitCode, stdout, stderr } = await scene.tspip("verify", ...words);
      assert.equal(exitCode, 2);
      assert.match(stderr, /find-links ".*" is not the URL of a page or folder/);
      assert.doesNotMatch(stdout + stderr, /s3cret/);
    }
  }
});

test("a project belongs to the index it is mapped to, whatever other indexes offer", skipWithout("uv"), async () => {
  await using scene = await setScene();
  await using home = await startFakeIndex();
  const [own, planted] = [
    makeWheel({ name: "acme-core", version: "1.0" }),
    makeWheel({ name: "acme-core", version: "99.0" }),
  ];
  home.add(own);
  home.add(makeWheel({ name: "requests", version: "99.0" }));
  scene.index.add(planted);
  scene.offer({ name: "requests", version: "2.0" });
  scene.write("tspip.toml", `[[index]]\nurl = "${home.url}"\nprojects = ["Acme_*"]\n`);
  const { exitCode, stdout } = await scene.tspip("verify", "acme-core", "requests", "--extra-index-url", home.url);
  assert.equal(exitCode, 0);
  assert.match(stdout, /acme_core-1\.0[\s\S]*requests-2\.0/);
  assert.deepEqual(
    scene.index.requests.filter((request) => request.includes("acme")),
    [],
    "the other is not even asked",
  );
});

test("tspip.toml says only where to look: mistakes in it are told", async () => {
  await using scene = await setScene();
  for (const [text, words] of [
    ['[[index]]\nurl = "https://u:p@x.example/"\nprojects = ["a"]', /holds credentials/],
    ['[[index]]\nurl = "https://x.example/"', /has no "projects"/],
    ['[[index]]\nurl = "ftp://x.example/"\nprojects = ["a"]', /is not a URL/],
    ['[[index]]\nurl = "https://x.example/"\nprojects = ["a b"]', /"a b" is not the name of projects/],
    ["allow = true", /unknown key "allow"/],
  ] as const) {
    scene.write("tspip.toml", text);
    const { exitCode, stderr } = await scene.tspip("verify", "a==1");
    assert.equal(exitCode, 2);
    assert.match(stderr, words);
    assert.doesNotMatch(stderr, /u:p/);
  }
});

/** Lets in who sends this user and password. */
function demanding(user: string, password: string): Fault {
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  return ({ headers }, response) => {
    if (headers.authorization === wanted) return false;
    response.writeHead(401).end();
    return true;
  };
}

test("credentials come from netrc, or from the program keyring, and are never shown", skipWithout("uv"), async () => {
  await using scene = await setScene();
  scene.index.add(example);
  scene.index.fault = demanding("alice", "s3cret");
  const refused = await scene.tspip("verify", "example==1.0");
  assert.equal(refused.exitCode, 3);
  scene.write(".netrc", "machine 127.0.0.1 login alice password s3cret\n");
  const answer = await scene.tspip("verify", "example==1.0", "--format", "json", "-v");
  assert.equal(answer.exitCode, 0, answer.stderr);
  assert.doesNotMatch(answer.stdout + answer.stderr, /s3cret|YWxpY2U6czNjcmV0/);
});

test("credentials in the URL of a requirement go to its server, and nowhere else", async () => {
  await using scene = await setScene();
  scene.index.add(example);
  scene.index.fault = demanding("alice", "s3cret");
  const url = new URL(`/files/${example.filename}`, scene.index.url);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as pip, tspip puts variables into requirements files
  const line = `example @ ${url.href.replace("//", "//alice:${PASSWORD}@")}`;
  scene.write("requirements.txt", line);
  const env = { PASSWORD: "s3cret" };
  const locked = await scene.tspipWith(env, "lock", "-r", "requirements.txt", "--no-deps", "-o", "pylock.toml", "-v");
  assert.equal(locked.exitCode, 0, locked.stderr);
  const argv = [
    "-r",
    "requirements.txt",
    "--target",
    "site",
    "--sbom",
    "sbom.json",
    "--format",
    "json=report.json",
    "-v",
  ];
  const { exitCode, stdout, stderr } = await scene.tspipWith(env, "install", "--no-deps", ...argv);
  assert.equal(exitCode, 0, stderr);
  assert.doesNotMatch(locked.stdout + locked.stderr + stdout + stderr, /s3cret/);
  const files = readdirSync(scene.folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  for (const { parentPath, name } of files)
    assert.doesNotMatch(readFileSync(join(parentPath, name), "latin1"), /alice:s3cret/, name);
  const written = JSON.parse(readFileSync(join(scene.folder, "site/example-1.0.dist-info/direct_url.json"), "utf8"));
  assert.equal(written.url, url.href);
});

test("the keyring is asked with URL and user", skipWithout("uv"), async () => {
  await using scene = await setScene();
  scene.index.add(example);
  scene.index.fault = demanding("alice", "from keyring");
  mkdirSync(join(scene.folder, "bin"));
  scene.write("bin/keyring", '#!/bin/sh\n[ "$1" = get ] && [ "$3" = alice ] && echo "from keyring"\n');
  chmodSync(join(scene.folder, "bin/keyring"), 0o755);
  const { port } = new URL(scene.index.url);
  const argv = ["example==1.0", "-i", `http://alice@127.0.0.1:${port}/simple/`];
  assert.equal((await scene.tspip("verify", ...argv)).exitCode, 3);
  const path = `${join(scene.folder, "bin")}:${process.env.PATH}`;
  const answer = await scene.tspipWith({ PATH: path }, "verify", ...argv, "--keyring-provider", "subprocess");
  assert.equal(answer.exitCode, 0, answer.stderr);
});

test("a keyring that does not answer is interrupted", async () => {
  await using scene = await setScene();
  const asked = join(scene.folder, "asked");
  scene.write("bin/keyring", `#!/bin/sh\n: > '${asked}'\nexec sleep 100\n`);
  chmodSync(join(scene.folder, "bin/keyring"), 0o755);
  const interrupted = new AbortController();
  const watch = setInterval(() => existsSync(asked) && interrupted.abort(), 20);
  const argv = ["-i", "http://alice@127.0.0.1:9/simple/", "--keyring-provider", "subprocess", "example==1.0"];
  const env = { PATH: `${join(scene.folder, "bin")}:${process.env.PATH}` };
  const { exitCode, stderr } = await scene.tspipOn({ env, signal: interrupted.signal }, "verify", ...argv);
  clearInterval(watch);
  assert.deepEqual([exitCode, stderr], [130, ""]);
});

test("pip.conf of the user is not read when PIP_CONFIG_FILE names a file, as with pip", async () => {
  await using scene = await setScene();
  scene.index.add(example);
  scene.write(".config/pip/pip.conf", "[global]\nretries = nonsense\n");
  scene.write("other.conf", "[global]\ntimeout = 7\n");
  const named = await scene.tspipWith({ PIP_CONFIG_FILE: join(scene.folder, "other.conf") }, "verify", "example==1.0");
  assert.equal(named.exitCode, 0, named.stderr);
});

test("a proxy by option, and by ALL_PROXY", async () => {
  await using scene = await setScene();
  scene.index.add(example);
  const seen: string[] = [];
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  }).listen(0, "127.0.0.1");
  proxy.on("connect", (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  try {
    await new Promise((resolve) => proxy.once("listening", resolve));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    assert.equal((await scene.tspip("verify", "example==1.0", "--proxy", url)).exitCode, 3);
    const byOption = seen.length;
    assert.notEqual(byOption, 0);
    assert.equal((await scene.tspipWith({ ALL_PROXY: url }, "verify", "example==1.0")).exitCode, 3);
    assert.ok(seen.length > byOption);
  } finally {
    proxy.close();
  }
  assert.equal(existsSync(join(scene.folder, "env")), false);
});

test(
  "install: an extra that there is not is a warning, however it is spelled elsewhere",
  skipWithout("uv"),
  async () => {
    await using scene = await setScene();
    scene.offer({ name: "app", version: "1.0", metadata: ["Provides-Extra: a-b"] });
    const { exitCode, stderr } = await scene.tspip("install", "app[nope,A_B]==1.0", "--target", "packages");
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /^warning: "app" 1\.0 has no extra "nope"$/m);
    assert.doesNotMatch(stderr, /a-b|A_B/);
  },
);

test("pip's words on the command line: what changes nothing is taken, what would go around the gate is refused with the reason", async () => {
  await using scene = await setScene();
  scene.offer({ name: "good" });
  const { exitCode } = await scene.tspip("verify", "--only-binary", ":all:", "--log", "log.txt", "good==1.0");
  assert.equal(exitCode, 0);
  assert.ok(existsSync(join(scene.folder, "log.txt")));
  assert.equal((await scene.tspip("verify", "--log", "no/log.txt", "good==1.0")).exitCode, 4);
  for (const [option = "", value = "", reason] of [
    ["-e", ".", /an editable install runs the project's build/],
    ["--no-binary", ":all:", /tspip installs wheels and builds nothing/],
    ["--trusted-host", "example.org", /--cert/],
  ] as [string, string, RegExp][]) {
    const refused = await scene.tspip("install", option, value, "good==1.0");
    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, reason);
  }
});
