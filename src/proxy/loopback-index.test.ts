import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import { digestOf } from "../distribution/digest.ts";
import { parseFilename } from "../distribution/filename.ts";
import { IndexError } from "../errors.ts";
import { finding } from "../verdict/finding.ts";
import { createCatalog } from "./catalog.ts";
import type { FileAnswer } from "./file-answer.ts";
import { startLoopbackIndex } from "./loopback-index.ts";
import { parseRange } from "./send-artifact.ts";

const json = "application/vnd.pypi.simple.v1+json";
const bytes = Buffer.from("0123456789");

function refOf(filename: string, more: Partial<ArtifactRef> = {}): ArtifactRef {
  return {
    filename: parseFilename(filename),
    url: new URL(`https://files.example/${filename}`),
    digests: { sha256: digestOf(bytes) },
    source: { kind: "index", url: new URL("https://index.example/simple/") },
    provenance: "unknown",
    ...more,
  };
}

const wheel = refOf("demo-1.0-py3-none-any.whl", {
  yanked: 'a "reason" <b>',
  requiresPython: ">=3.8",
  size: 10,
  uploadTime: new Date("2026-01-02T03:04:05Z"),
  coreMetadata: { sha256: "ab".repeat(32) },
  provenance: new URL("https://index.example/integrity/demo"),
});
const refused = refOf("demo-2.0-py3-none-any.whl");

/** Offers `wheel`, withholds `refused`; admits what `file` says. */
async function startDemo(file: () => Promise<FileAnswer> = async () => ({ isAdmitted: true, artifact: held })) {
  const page = { files: [wheel, refused], skipped: [], warnings: [] };
  const findings = [finding("denied-by-policy", 'the deny list has "demo>=2"')];
  const catalog = createCatalog({ files: async (name) => (name === "demo" ? [page] : []) }, (ref) =>
    ref === refused ? { decision: "deny", rule: "default", evidence: [], findings } : undefined,
  );
  return startLoopbackIndex({ catalog, metadata: async () => Buffer.from("Name: demo\n"), file });
}

const held: Artifact = {
  ref: wheel,
  bytes: { size: 10, read: (at, length) => bytes.subarray(at, at + length) },
  shared: { kind: "memory", bytes },
  path: "/nowhere",
  digests: { sha256: digestOf(bytes) },
  size: 10,
  close: async () => {},
};

test("a page in JSON has what the upstream index says, without what is withheld", async () => {
  await using index = await startDemo();
  const response = await fetch(new URL("demo/", index.url), { headers: { accept: `${json}, text/html;q=0.1` } });
  assert.equal(response.headers.get("content-type"), json);
  assert.deepEqual(await response.json(), {
    meta: { "api-version": "1.3" },
    name: "demo",
    versions: ["1.0"],
    files: [
      {
        filename: "demo-1.0-py3-none-any.whl",
        url: "../../files/demo/demo-1.0-py3-none-any.whl",
        hashes: { sha256: digestOf(bytes) },
        size: 10,
        "requires-python": ">=3.8",
        yanked: 'a "reason" <b>',
        "upload-time": "2026-01-02T03:04:05.000Z",
        "core-metadata": { sha256: "ab".repeat(32) },
        provenance: "https://index.example/integrity/demo",
      },
    ],
  });
});

test("a page in HTML says the same, escaped", async () => {
  await using index = await startDemo();
  const page = await (await fetch(new URL("demo/", index.url), { headers: { accept: "text/html" } })).text();
  assert.match(page, /data-yanked="a &quot;reason&quot; &lt;b&gt;"/);
  assert.match(page, /data-requires-python="&gt;=3\.8"/);
  assert.match(page, /href="\.\.\/\.\.\/files\/demo\/demo-1\.0-py3-none-any\.whl#sha256=[0-9a-f]{64}"/);
  assert.match(page, /data-provenance="https:\/\/index\.example\/integrity\/demo"/);
  assert.doesNotMatch(page, /demo-2\.0/);
});

test("ETag, HEAD, and the media types that nobody has", async () => {
  await using index = await startDemo();
  const page = new URL("demo/", index.url);
  const etag = (await fetch(page)).headers.get("etag") ?? "";
  assert.equal((await fetch(page, { headers: { "if-none-match": etag } })).status, 304);
  const head = await fetch(page, { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
  assert.equal((await fetch(page, { headers: { accept: "image/png" } })).status, 406);
  assert.equal((await fetch(page, { method: "POST" })).status, 405);
});

test("a file is sent whole or in a range, its metadata beside it", async () => {
  await using index = await startDemo();
  const file = new URL("../files/demo/demo-1.0-py3-none-any.whl", index.url);
  const get = async (headers: Record<string, string> = {}) => {
    const response = await fetch(file, { headers });
    return [response.status, await response.text(), response.headers.get("content-range")];
  };
  assert.deepEqual(await get(), [200, "0123456789", null]);
  assert.deepEqual(await get({ range: "bytes=2-4" }), [206, "234", "bytes 2-4/10"]);
  assert.deepEqual(await get({ range: "bytes=-3" }), [206, "789", "bytes 7-9/10"]);
  assert.deepEqual((await get({ range: "bytes=10-" }))[0], 416);
  assert.deepEqual(await get({ range: "bytes=2-4", "if-range": '"other"' }), [200, "0123456789", null]);
  assert.equal(await (await fetch(`${file}.metadata`)).text(), "Name: demo\n");
});

test("what is refused is 403 with the reason in the status line, what is left open 504, what cannot be had 502", async () => {
  const findings = [finding("attestation-absent", "no attestation\r\nX-Evil: 1")];
  await using refusing = await startDemo(async () => ({ isAdmitted: false, decision: "deny", findings }));
  const file = await fetch(new URL("../files/demo/demo-1.0-py3-none-any.whl", refusing.url));
  assert.deepEqual([file.status, file.headers.get("x-evil")], [403, null]);
  assert.match(file.statusText, /^Refused by tspip: attestation-absent: no attestation X-Evil/);
  const withheld = await fetch(new URL("../files/demo/demo-2.0-py3-none-any.whl", refusing.url));
  assert.match(withheld.statusText, /denied-by-policy/);

  const open = [finding("evidence-unavailable", "the index did not say")];
  await using undecided = await startDemo(async () => ({ isAdmitted: false, decision: "undecided", findings: open }));
  const left = await fetch(new URL("../files/demo/demo-1.0-py3-none-any.whl", undecided.url));
  assert.equal(left.status, 504);
  assert.match(left.statusText, /^Not decided by tspip: evidence-unavailable: the index did not say$/);

  await using failing = await startDemo(() => Promise.reject(new IndexError("offline", "no way there")));
  const unavailable = await fetch(new URL("../files/demo/demo-1.0-py3-none-any.whl", failing.url));
  assert.deepEqual([unavailable.status, unavailable.statusText], [502, "no way there"]);
});

test("other paths lead nowhere: without the token, to other files, out of the tree", async () => {
  await using index = await startDemo();
  const token = index.url.pathname.split("/")[1] ?? "";
  const paths = [
    "/",
    "/simple/demo/",
    `/${"0".repeat(32)}/simple/demo/`,
    `/${token}`,
    `/${token}/`,
    `/${token}/simple/`,
    `/${token}/simple/unknown/`,
    `/${token}/simple/..%2f..%2fetc/`,
    `/${token}/simple/%ff/`,
    `/${token}/simple/demo/extra/`,
    `/${token}/files/demo/`,
    `/${token}/files/demo/..%2f..%2fetc%2fpasswd`,
    `/${token}/files/demo/other-1.0-py3-none-any.whl`,
    `/${token}/other/demo/`,
    "//evil.example/simple/demo/",
  ];
  for (const path of paths) assert.equal(await statusOf(index.url, path), 404, path);
  assert.equal(await statusOf(index.url, `/${token}/simple/Demo`), 301);
  assert.equal(await statusOf(index.url, "http://[/"), 404, "a target that is no URL");
});

test("headers beyond the limit end the connection", async () => {
  await using index = await startDemo();
  const response = await raw(index.url, `GET / HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(20_000)}\r\n\r\n`);
  assert.match(response, /^HTTP\/1\.1 431 /);
});

test("parseRange() takes one range of bytes", () => {
  assert.deepEqual(parseRange("bytes=0-0", 10), { start: 0, end: 1 });
  assert.deepEqual(parseRange("bytes=5-99", 10), { start: 5, end: 10 });
  assert.deepEqual(parseRange("bytes=-99", 10), { start: 0, end: 10 });
  assert.equal(parseRange("bytes=-0", 10), "unsatisfiable");
  assert.equal(parseRange("bytes=5-4", 10), "unsatisfiable");
  for (const odd of [undefined, "bytes=-", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b"])
    assert.equal(parseRange(odd, 10), undefined, odd);
});

/** `fetch` would tidy the path up. */
async function statusOf(url: URL, path: string): Promise<number> {
  return Number((await raw(url, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).split(" ")[1]);
}

function raw({ hostname, port }: URL, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(request));
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}
