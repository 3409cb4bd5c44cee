import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArtifactSource } from "../distribution/artifact.ts";
import { normalizeProjectName } from "../distribution/project-name.ts";
import { IndexError } from "../errors.ts";
import { parseSimpleJson } from "./simple-json.ts";

const index = new URL("https://index.example/simple/");
const source: ArtifactSource = { kind: "index", url: index };
const url = new URL("demo/", index);
const demo = normalizeProjectName("demo");
const sha256 = "5".repeat(64);
const wheel = "demo-1.0-py3-none-any.whl";

const parse = (body: string) => parseSimpleJson(body, url, source, demo);
const pageWith = (...files: unknown[]) =>
  parse(JSON.stringify({ meta: { "api-version": "1.3" }, name: "demo", files }));
const minimal = { filename: wheel, url: wheel, hashes: {} };

/** The one file of a page that lists `minimal` with these changes. */
function fileWith(changes: object) {
  const page = pageWith({ ...minimal, ...changes });
  assert.deepEqual(page.skipped, []);
  const [file] = page.files;
  assert.ok(file !== undefined);
  return file;
}

const skippedFor = (changes: object) => pageWith({ ...minimal, ...changes }).skipped[0]?.reason ?? "taken";

test("parseSimpleJson() reads everything that an index says of a file", () => {
  const file = fileWith({
    url: "../../packages/demo-1.0-py3-none-any.whl",
    hashes: { sha256: sha256.toUpperCase(), md5: "00", blake2b: "11" },
    "requires-python": ">=3.9",
    size: 12,
    "upload-time": "2026-01-02T03:04:05.678901Z",
    yanked: "broke",
    "core-metadata": { sha256 },
    "dist-info-metadata": false,
    provenance: "https://index.example/integrity/demo/1.0/x/provenance",
  });
  assert.equal(file.filename.text, wheel);
  assert.equal(file.url.href, `https://index.example/packages/${wheel}`);
  assert.deepEqual(file.digests, { sha256 });
  assert.equal(file.requiresPython, ">=3.9");
  assert.equal(file.size, 12);
  assert.equal(file.uploadTime?.toISOString(), "2026-01-02T03:04:05.678Z");
  assert.equal(file.yanked, "broke");
  assert.deepEqual(file.coreMetadata, { sha256 });
  assert.equal(String(file.provenance), "https://index.example/integrity/demo/1.0/x/provenance");
  assert.deepEqual(file.source, source);
});

test("parseSimpleJson() keeps three states of provenance apart: not said, none, a URL", () => {
  assert.equal(fileWith({}).provenance, "unknown");
  assert.equal(fileWith({ provenance: null }).provenance, "none");
  assert.ok(fileWith({ provenance: "https://index.example/p" }).provenance instanceof URL);
  assert.ok(fileWith({ provenance: "/p" }).provenance instanceof URL);
});

test("parseSimpleJson() does not take a provenance that cannot be read for none", () => {
  for (const provenance of [0, 1, false, true, "", "https://[", [], {}])
    assert.match(skippedFor({ provenance }), /provenance/, JSON.stringify(provenance));
});

test("parseSimpleJson() takes yanked and core-metadata as booleans too", () => {
  assert.equal(fileWith({ yanked: true }).yanked, "");
  assert.equal(fileWith({ yanked: false }).yanked, undefined);
  assert.equal(fileWith({ yanked: null }).yanked, undefined);
  assert.equal(fileWith({ yanked: "" }).yanked, "");
  for (const wrong of [0, 1, [], {}, ["broke"]])
    assert.match(fileWith({ yanked: wrong }).yanked ?? "taken", /neither a boolean nor a reason/);
  assert.deepEqual(fileWith({ "core-metadata": true }).coreMetadata, {});
  assert.equal(fileWith({ "core-metadata": false, "dist-info-metadata": true }).coreMetadata, undefined);
  assert.deepEqual(fileWith({ "dist-info-metadata": { sha256 } }).coreMetadata, { sha256 });
});

test("parseSimpleJson() leaves out what has the wrong type", () => {
  for (const wrong of [null, 7, [], {}]) {
    const changes = { "requires-python": wrong, size: "12", "upload-time": wrong, hashes: [sha256] };
    const { requiresPython, size, uploadTime, digests } = fileWith(changes);
    assert.deepEqual([requiresPython, size, uploadTime, digests], [undefined, undefined, undefined, {}]);
  }
  for (const size of [-1, 1.5, 2 ** 53]) assert.equal(fileWith({ size }).size, undefined);
  assert.equal(fileWith({ "upload-time": "yesterday" }).uploadTime, undefined);
});

test("parseSimpleJson() skips what is of no use, with the reason", () => {
  assert.match(skippedFor({ filename: 7 }), /no filename/);
  assert.match(skippedFor({ url: "https://[" }), /URL/);
  assert.match(skippedFor({ url: undefined }), /URL/);
  assert.match(skippedFor({ url: `file:///tmp/${wheel}` }), /local file/);
  assert.match(skippedFor({ url: `http://localhost/${wheel}` }), /http:/);
  assert.match(skippedFor({ url: "javascript:alert(1)" }), /javascript:/);
  assert.match(skippedFor({ filename: "other-1.0.tar.gz" }), /another project/);
  assert.match(skippedFor({ filename: "../../demo-1.0.tar.gz" }), /demo/);
  assert.match(skippedFor({ filename: "demo-1.0-1.exe" }), /demo-1.0-1.exe/);
  assert.equal(pageWith(null, "x", []).skipped.length, 3);
});

test("parseSimpleJson() checks the API version", () => {
  const versioned = (version: unknown) =>
    parse(JSON.stringify({ meta: { "api-version": version }, files: [] })).warnings;
  assert.deepEqual(versioned("1.0"), []);
  assert.deepEqual(versioned(undefined), []);
  assert.match(versioned("1.5")[0] ?? "", /newer than tspip knows/);
  for (const version of ["2.0", "1", "", null, 1.1, {}, ["1.0"], { toString: 1 }])
    assert.throws(() => versioned(version), { code: "index-version-unsupported" }, JSON.stringify(version));
  assert.throws(() => versioned("2\nhint: do this"), /API version "2\\nhint: do this", tspip knows 1/);
});

test("parseSimpleJson() heeds the project's status (PEP 792)", () => {
  const marked = (status: unknown) => parse(JSON.stringify({ meta: {}, files: [minimal], "project-status": status }));
  const quarantined = { status: "quarantined", reason: "malware" };
  assert.deepEqual(marked(quarantined).projectStatus, quarantined);
  assert.deepEqual(
    marked(quarantined).files.map((file) => file.projectStatus),
    [quarantined],
    "for the policy to refuse",
  );
  assert.deepEqual(marked({ status: "deprecated" }).files[0]?.projectStatus, { status: "deprecated" });
  for (const status of [undefined, null, {}, { reason: "x" }, { status: "active" }, "active"])
    assert.equal(marked(status).files[0]?.projectStatus, undefined);
  assert.deepEqual(marked("quarantined").files[0]?.projectStatus, { status: "quarantined" });
  for (const status of [7, true, [], ["quarantined"], { status: 7 }, { status: null }])
    assert.throws(() => marked(status), { code: "index-answer-invalid", message: /"project-status" has no status/ });
});

test("parseSimpleJson() fails with our error on anything that is no page", () => {
  const bodies = ["", "{", "[]", "null", '"x"', "{}", '{"files": {}}', "\ufeff{}", "<html>", '{"files": [],}'];
  for (const body of bodies) assert.throws(() => parse(body), IndexError, body);
});

test("parseSimpleJson() reads deep nesting and odd names without harm", () => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  assert.equal(parse(`{"meta": {}, "x": ${deep}, "files": [{"filename": ${deep}}]}`).skipped.length, 1);
  assert.throws(() => parse(`{"meta": {"api-version": ${deep}}, "files": []}`), { code: "index-version-unsupported" });
  assert.throws(() => parse(deep), { code: "index-answer-invalid" });

  const polluting = `{"__proto__": {"files": []}, "meta": {"__proto__": {"api-version": "9.9"}}, "files": [
    {"filename": "${wheel}", "url": "x", "hashes": {"__proto__": {"sha256": "${sha256}"}, "constructor": "x"}}]}`;
  assert.deepEqual(parse(polluting).files[0]?.digests, {});
  assert.equal(({} as Record<string, unknown>).files, undefined);
});

test("parseSimpleJson() reads the files that are wanted, and asks by name and whether there is provenance", () => {
  const asked: string[] = [];
  const files = [
    { ...minimal, provenance: "https://index.example/p" },
    { ...minimal, filename: "demo-1.0.tar.gz", provenance: null },
    { ...minimal, filename: "demo-2.0.tar.gz" },
    { filename: 3 },
  ];
  const body = JSON.stringify({ meta: { "api-version": "1.4" }, files, "project-status": { status: "archived" } });
  const page = parseSimpleJson(body, url, source, demo, (filenames, isAttested) => {
    asked.push(...filenames.map((filename, at) => `${filename} ${isAttested(at)}`));
    return filenames.map((filename) => filename === wheel);
  });
  assert.deepEqual(asked, [`${wheel} true`, "demo-1.0.tar.gz false", "demo-2.0.tar.gz false", "undefined false"]);
  assert.deepEqual([page.files.length, page.skipped.length], [1, 1]);
  const none = parseSimpleJson(body, url, source, demo, (filenames) => filenames.map(() => false));
  assert.deepEqual([none.files.length, none.skipped.length, none.warnings], [0, 1, []]);
});
