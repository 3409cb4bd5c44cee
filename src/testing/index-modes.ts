import { brotliCompressSync, deflateSync } from "node:zlib";
import type { FakeIndex, OfferedFile } from "./fake-index.ts";
import {
  answer,
  dripping,
  endless,
  faultAt,
  gzipBomb,
  hangUp,
  type Respond,
  rawAnswer,
  redirectTo,
  silent,
  stalled,
  truncated,
} from "./index-faults.ts";
import { type MadeWheel, makeWheel } from "./make-wheel.ts";

/** One way in which an index is broken or hostile, and how `tspip verify example==1.0` has to end. */
export interface HostileMode {
  readonly what: string;
  /** Bends the index, which offers `example` 1.0 and nothing else. */
  readonly bend: (index: FakeIndex, wheel: MadeWheel) => void;
  /** 1: refused; 2: there is no such thing; 3: could not be had; 0: nothing to object to. */
  readonly exitCode: 0 | 1 | 2 | 3;
  /** What has to be said. */
  readonly words: RegExp;
  readonly retries?: number;
}

const page = "/simple/example/";
const json = { "content-type": "application/vnd.pypi.simple.v1+json" };
const html = { "content-type": "text/html" };
const year = String(365 * 24 * 3600);

function at(path: string, respond: Respond): HostileMode["bend"] {
  return (index) => {
    index.fault = faultAt(path, respond);
  };
}

function offer(change: (wheel: MadeWheel) => Partial<OfferedFile>, format: FakeIndex["format"] = "json") {
  return (index: FakeIndex, wheel: MadeWheel) => {
    index.format = format;
    index.add({ ...wheel, ...change(wheel) });
  };
}

/** A JSON page with one entry for the wheel, changed. */
function listing(change: (entry: Record<string, unknown>, index: FakeIndex) => object): HostileMode["bend"] {
  return (index, { filename, sha256, bytes }) => {
    const entry = { filename, url: `/files/${filename}`, hashes: { sha256 }, size: bytes.length };
    const body = { meta: { "api-version": "1.1" }, name: "example", ...change(entry, index) };
    index.fault = faultAt(page, answer(200, json, JSON.stringify(body)));
  };
}

const entryWith = (change: object) => listing((entry) => ({ files: [{ ...entry, ...change }] }));
const bomb = Buffer.alloc(200 << 20, " ");

const pages: readonly HostileMode[] = [
  { what: "page: status 500", bend: at(page, answer(500)), exitCode: 3, words: /HTTP status 500/ },
  { what: "page: status 500, asked again", bend: at(page, answer(500)), exitCode: 3, words: /500/, retries: 1 },
  { what: "page: status 403", bend: at(page, answer(403)), exitCode: 3, words: /403/ },
  { what: "page: status 401", bend: at(page, answer(401)), exitCode: 3, words: /401/ },
  { what: "page: status 418", bend: at(page, answer(418)), exitCode: 3, words: /418/ },
  { what: "page: status 404", bend: at(page, answer(404)), exitCode: 2, words: /no index has a file/ },
  { what: "page: status 204", bend: at(page, answer(204)), exitCode: 3, words: /204/ },
  {
    what: "page: 429 with a Retry-After of a year",
    bend: at(page, answer(429, { "retry-after": year })),
    exitCode: 3,
    words: /429/,
  },
  {
    what: "page: 503 with a Retry-After that is no number",
    bend: at(page, answer(503, { "retry-after": "soon" })),
    exitCode: 3,
    words: /503/,
    retries: 1,
  },
  { what: "page: the connection is cut", bend: at(page, hangUp), exitCode: 3, words: /Cannot reach/ },
  { what: "page: no answer at all", bend: at(page, silent), exitCode: 3, words: /Cannot reach|too slow|in time/i },
  { what: "page: a beginning and then nothing", bend: at(page, stalled), exitCode: 3, words: /127\.0\.0\.1/ },
  { what: "page: a byte now and then", bend: at(page, dripping()), exitCode: 3, words: /127\.0\.0\.1/ },
  { what: "page: endless", bend: at(page, endless("text/html")), exitCode: 3, words: /larger than|bytes/ },
  { what: "page: gzip bomb", bend: at(page, gzipBomb(200 << 20)), exitCode: 3, words: /larger than|bytes/ },
  {
    what: "page: deflate bomb",
    bend: at(page, answer(200, { ...html, "content-encoding": "deflate" }, deflateSync(bomb))),
    exitCode: 3,
    words: /larger than|bytes/,
  },
  {
    what: "page: brotli bomb",
    bend: at(page, answer(200, { ...html, "content-encoding": "br" }, brotliCompressSync(bomb))),
    exitCode: 3,
    words: /larger than|bytes/,
  },
  {
    what: "page: says gzip and is none",
    bend: at(page, answer(200, { ...html, "content-encoding": "gzip" }, "plain")),
    exitCode: 3,
    words: /gzip|decompress/i,
  },
  {
    what: "page: an encoding nobody knows",
    bend: at(page, answer(200, { ...html, "content-encoding": "rot13" }, "x")),
    exitCode: 3,
    words: /rot13/,
  },
  { what: "page: truncated", bend: at(page, truncated(Buffer.alloc(5000, " "))), exitCode: 3, words: /127\.0\.0\.1/ },
  {
    what: "page: an unknown type",
    bend: at(page, answer(200, { "content-type": "text/plain" }, "x")),
    exitCode: 3,
    words: /text\/plain/,
  },
  {
    what: "page: the type of a newer API",
    bend: at(page, answer(200, { "content-type": "application/vnd.pypi.simple.v2+json" }, "{}")),
    exitCode: 3,
    words: /v2\+json/,
  },
  {
    what: "page: JSON of API version 2",
    bend: at(page, answer(200, json, '{"meta": {"api-version": "2.0"}, "files": []}')),
    exitCode: 3,
    words: /2\.0/,
  },
  {
    what: "page: HTML of API version 2",
    bend: at(page, answer(200, html, '<meta name="pypi:repository-version" content="2.0">')),
    exitCode: 3,
    words: /2\.0/,
  },
  { what: "page: JSON that is HTML", bend: at(page, answer(200, json, "<html>")), exitCode: 3, words: /127\.0\.0\.1/ },
  {
    what: "page: JSON of a million brackets",
    bend: at(page, answer(200, json, "[".repeat(1_000_000))),
    exitCode: 3,
    words: /127\.0\.0\.1/,
  },
  { what: "page: files that are no list", bend: listing(() => ({ files: 3 })), exitCode: 3, words: /files/ },
  {
    what: "page: two hundred thousand other files",
    bend: listing((entry) => ({
      files: [
        ...Array.from({ length: 200_000 }, (_, at) => ({
          filename: `example-0.${at}-py3-none-any.whl`,
          url: `/files/${at}`,
          hashes: {},
        })),
        entry,
      ],
    })),
    exitCode: 0,
    words: /example-1\.0/,
  },
  {
    what: "page: a hundred thousand tags that never close",
    bend: at(page, answer(200, html, "<a href='".repeat(100_000))),
    exitCode: 2,
    words: /no index has a file|no file for/,
  },
  {
    what: "page: that of another project",
    bend: listing((entry) => ({ name: "other", files: [{ ...entry, filename: "other-1.0-py3-none-any.whl" }] })),
    exitCode: 2,
    words: /example/,
  },
  {
    what: "page: a status that is no text",
    bend: at(page, answer(200, json, '{"meta": {}, "files": [], "project-status": {"status": ["quarantined"]}}')),
    exitCode: 3,
    words: /its .*project-status.* has no status/,
  },
  {
    what: "page: members named __proto__",
    bend: (index, { filename, sha256 }) => {
      const entry = `{"filename": "${filename}", "url": "/files/${filename}", "hashes": {"sha256": "${sha256}", "__proto__": "x"}, "__proto__": {"yanked": "evil"}}`;
      index.fault = faultAt(
        page,
        answer(200, json, `{"meta": {"api-version": "1.0"}, "name": "example", "files": [${entry}]}`),
      );
    },
    exitCode: 0,
    words: /example-1\.0/,
  },
  { what: "page: a redirect to a file", bend: at(page, redirectTo("file:///etc/passwd")), exitCode: 3, words: /file:/ },
  { what: "page: a redirect to ftp", bend: at(page, redirectTo("ftp://example.org/")), exitCode: 3, words: /ftp:/ },
  { what: "page: a redirect to data", bend: at(page, redirectTo("data:text/html,x")), exitCode: 3, words: /data:/ },
  {
    what: "page: a redirect to http in the open",
    bend: at(page, redirectTo("http://index.invalid/simple/")),
    exitCode: 3,
    words: /http:\/\/index\.invalid/,
  },
  { what: "page: a redirect to itself", bend: at(page, redirectTo(page)), exitCode: 3, words: /redirect/i },
  { what: "page: a redirect to nowhere", bend: at(page, answer(302)), exitCode: 3, words: /127\.0\.0\.1/ },
  {
    what: "page: a redirect to no URL",
    bend: at(page, redirectTo("http://[")),
    exitCode: 3,
    words: /127\.0\.0\.1/,
  },
  {
    what: "page: a megabyte of headers",
    bend: at(page, rawAnswer(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(1 << 20)}\r\n\r\n`)),
    exitCode: 3,
    words: /Cannot reach/,
  },
  { what: "page: no HTTP", bend: at(page, rawAnswer("220 ready\r\n")), exitCode: 3, words: /Cannot reach/ },
  {
    what: "page: a length that is less than what comes",
    bend: at(page, rawAnswer("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 3\r\n\r\n<html></html>")),
    exitCode: 2,
    words: /no index has a file/,
  },
];

const promises: readonly HostileMode[] = [
  { what: "listing: no hash", bend: entryWith({ hashes: {} }), exitCode: 1, words: /index-hash-absent/ },
  {
    what: "listing: md5 only",
    bend: entryWith({ hashes: { md5: "0".repeat(32) } }),
    exitCode: 1,
    words: /index-hash-absent/,
  },
  {
    what: "listing: a sha256 that is too short",
    bend: entryWith({ hashes: { sha256: "00" } }),
    exitCode: 1,
    words: /index-hash-absent|sha256/,
  },
  {
    what: "listing: another sha256",
    bend: offer(() => ({ hashes: { sha256: "0".repeat(64) } })),
    exitCode: 1,
    words: /index-hash-mismatch/,
  },
  {
    what: "listing: another sha256, in HTML",
    bend: offer(() => ({ hashes: { sha256: "0".repeat(64) } }), "html"),
    exitCode: 1,
    words: /index-hash-mismatch/,
  },
  {
    what: "listing: a right sha256 and a wrong sha512",
    bend: offer(({ sha256 }) => ({ hashes: { sha256, sha512: "0".repeat(128) } })),
    exitCode: 1,
    words: /index-hash-mismatch/,
  },
  { what: "listing: a smaller size", bend: offer(() => ({ size: 10 })), exitCode: 3, words: /more than 10 bytes/ },
  {
    what: "listing: a larger size",
    bend: offer(({ bytes }) => ({ size: bytes.length + 1 })),
    exitCode: 1,
    words: /size-mismatch/,
  },
  {
    what: "listing: a size of a petabyte",
    bend: offer(() => ({ size: 1e15 })),
    exitCode: 1,
    words: /size-mismatch/,
  },
  {
    what: "listing: a file of the local disk",
    bend: entryWith({ url: "file:///etc/passwd" }),
    exitCode: 2,
    words: /no index has a file/,
  },
  {
    what: "listing: a file in the open",
    bend: entryWith({ url: "http://files.invalid/example-1.0-py3-none-any.whl" }),
    exitCode: 3,
    words: /files\.invalid/,
  },
  { what: "listing: a URL that is none", bend: entryWith({ url: "http://[" }), exitCode: 2, words: /example/ },
  {
    what: "listing: a yanked release whose reason writes to the terminal",
    bend: offer(() => ({ yanked: "\u001b[2J\u202e" })),
    exitCode: 0,
    words: /is yanked: \\u001b\[2J\\u202e/,
  },
  {
    what: "listing: yanked by a number",
    bend: entryWith({ yanked: 1 }),
    exitCode: 0,
    words: /is yanked: its .*neither/,
  },
  {
    what: "listing: a page with a base elsewhere",
    bend: at(
      page,
      answer(200, html, '<base href="http://files.invalid/"><a href="example-1.0-py3-none-any.whl#sha256=00">x</a>'),
    ),
    exitCode: 3,
    words: /files\.invalid/,
  },
];

const files: readonly HostileMode[] = [
  { what: "file: status 404", bend: at("/files/", answer(404)), exitCode: 3, words: /404/ },
  { what: "file: status 500", bend: at("/files/", answer(500)), exitCode: 3, words: /500/ },
  {
    what: "file: 429 with a Retry-After of a year",
    bend: at("/files/", answer(429, { "retry-after": year })),
    exitCode: 3,
    words: /429/,
  },
  { what: "file: the connection is cut", bend: at("/files/", hangUp), exitCode: 3, words: /could not be had/ },
  { what: "file: no answer at all", bend: at("/files/", silent), exitCode: 3, words: /could not be had/ },
  { what: "file: a byte now and then", bend: at("/files/", dripping()), exitCode: 3, words: /comes too slowly/ },
  { what: "file: endless", bend: at("/files/", endless()), exitCode: 3, words: /sends more than/ },
  {
    what: "file: truncated",
    bend: (index, { bytes }) => {
      index.fault = faultAt("/files/", truncated(bytes));
    },
    exitCode: 3,
    words: /could not be had/,
  },
  {
    what: "file: truncated, and another part when asked again",
    bend: (index, { bytes }) => {
      const first = faultAt("/files/", truncated(bytes), 1);
      const second = faultAt(
        "/files/",
        answer(206, { "content-range": `bytes 7-${bytes.length - 1}/${bytes.length}` }, bytes.subarray(7)),
      );
      index.fault = (request, response) => first(request, response) || second(request, response);
    },
    exitCode: 3,
    words: /could not be had/,
    retries: 1,
  },
  {
    what: "file: a page instead",
    bend: at("/files/", answer(200, html, "<html>log in</html>")),
    exitCode: 1,
    words: /index-hash-mismatch/,
  },
  {
    what: "file: compressed on the way",
    bend: at("/files/", answer(200, { "content-encoding": "gzip" }, "x")),
    exitCode: 1,
    words: /index-hash-mismatch|could not be had/,
  },
  {
    what: "file: a redirect to a file",
    bend: at("/files/", redirectTo("file:///etc/passwd")),
    exitCode: 3,
    words: /file:/,
  },
  {
    what: "file: a redirect to http in the open",
    bend: at("/files/", redirectTo("http://files.invalid/x")),
    exitCode: 3,
    words: /files\.invalid/,
  },
  {
    what: "file: a redirect to itself",
    bend: at("/files/", redirectTo("/files/again")),
    exitCode: 3,
    words: /redirect/i,
  },
  {
    what: "file: no archive",
    bend: (index, { filename }) => index.add({ filename, bytes: Buffer.from("x") }),
    exitCode: 1,
    words: /archive-unreadable/,
  },
  {
    what: "file: the wheel of another project",
    bend: (index, { filename }) => index.add({ ...makeWheel({ name: "other" }), filename }),
    exitCode: 1,
    words: /wheel-identity-mismatch/,
  },
  {
    what: "file: METADATA of another version",
    bend: (index, { filename }) => index.add({ ...makeWheel({ version: "2.0" }), filename }),
    exitCode: 1,
    words: /wheel-identity-mismatch/,
  },
];

const integrity = "/integrity/";
const withProvenance =
  (respond: Respond): HostileMode["bend"] =>
  (index, wheel) => {
    index.add({ ...wheel, provenance: "{}" });
    index.fault = faultAt(integrity, respond);
  };
const linkTo = (provenance: string) => entryWith({ provenance });

const provenances: readonly HostileMode[] = [
  { what: "provenance: status 500", bend: withProvenance(answer(500)), exitCode: 3, words: /evidence-unavailable/ },
  { what: "provenance: status 404", bend: withProvenance(answer(404)), exitCode: 0, words: /"absence": "none"/ },
  { what: "provenance: status 403", bend: withProvenance(answer(403)), exitCode: 0, words: /"absence": "refused"/ },
  { what: "provenance: no answer at all", bend: withProvenance(silent), exitCode: 3, words: /evidence-unavailable/ },
  {
    what: "provenance: endless",
    bend: withProvenance(endless("application/json")),
    exitCode: 3,
    words: /evidence-unavailable/,
  },
  {
    what: "provenance: gzip bomb",
    bend: withProvenance(gzipBomb(200 << 20, "application/json")),
    exitCode: 3,
    words: /evidence-unavailable/,
  },
  {
    what: "provenance: truncated",
    bend: withProvenance(truncated(Buffer.alloc(5000, " "))),
    exitCode: 3,
    words: /evidence-unavailable/,
  },
  {
    what: "provenance: no JSON",
    bend: withProvenance(answer(200, {}, "<html>")),
    exitCode: 1,
    words: /attestation-unreadable/,
  },
  {
    what: "provenance: a million brackets",
    bend: withProvenance(answer(200, {}, "[".repeat(1_000_000))),
    exitCode: 1,
    words: /attestation-unreadable/,
  },
  {
    what: "provenance: a member twice",
    bend: withProvenance(answer(200, {}, '{"version":1,"version":1,"attestation_bundles":[]}')),
    exitCode: 1,
    words: /attestation-unreadable/,
  },
  {
    what: "provenance: of a newer version",
    bend: withProvenance(answer(200, {}, '{"version":2,"attestation_bundles":[]}')),
    exitCode: 1,
    words: /attestation-unreadable|attestation-invalid/,
  },
  {
    what: "provenance: no bundles",
    bend: withProvenance(answer(200, {}, '{"version":1,"attestation_bundles":[]}')),
    exitCode: 0,
    words: /"absence": "empty"/,
  },
  {
    what: "provenance: a redirect to a file",
    bend: withProvenance(redirectTo("file:///etc/passwd")),
    exitCode: 3,
    words: /evidence-unavailable/,
  },
  {
    what: "provenance: a link to a file",
    bend: linkTo("file:///etc/passwd"),
    exitCode: 3,
    words: /evidence-unavailable|file:/,
  },
  {
    what: "provenance: a link into the open",
    bend: linkTo("http://integrity.invalid/x"),
    exitCode: 3,
    words: /evidence-unavailable/,
  },
];

export const hostileModes: readonly HostileMode[] = [...pages, ...promises, ...files, ...provenances];
