import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArtifactSource } from "../distribution/artifact.ts";
import { normalizeProjectName } from "../distribution/project-name.ts";
import { parseSimpleHtml } from "./simple-html.ts";

const index = new URL("https://index.example/simple/");
const source: ArtifactSource = { kind: "index", url: index };
const url = new URL("demo/", index);
const demo = normalizeProjectName("demo");
const sha256 = "5".repeat(64);
const wheel = "demo-1.0-py3-none-any.whl";

function onlyFile(html: string) {
  const page = parseSimpleHtml(html, url, source, demo);
  assert.deepEqual(page.skipped, []);
  assert.equal(page.files.length, 1);
  const [file] = page.files;
  assert.ok(file !== undefined);
  return file;
}

test("parseSimpleHtml() reads everything that a link says", () => {
  const file = onlyFile(
    `<a href="../../packages/${wheel}#sha256=${sha256}" data-requires-python="&gt;=3.9" data-yanked="it &quot;broke&quot;"
     data-core-metadata="sha256=${sha256}" data-provenance="https://index.example/integrity/x/provenance">any text</a>`,
  );
  assert.equal(file.filename.text, wheel);
  assert.equal(file.url.href, `https://index.example/packages/${wheel}`);
  assert.deepEqual(file.digests, { sha256 });
  assert.equal(file.requiresPython, ">=3.9");
  assert.equal(file.yanked, 'it "broke"');
  assert.deepEqual(file.coreMetadata, { sha256 });
  assert.equal(String(file.provenance), "https://index.example/integrity/x/provenance");
  assert.deepEqual(file.source, source);
});

test("parseSimpleHtml() says that provenance is unknown where the page does not speak of it", () => {
  const file = onlyFile(`<a href="${wheel}">x</a>`);
  assert.equal(file.provenance, "unknown");
  assert.deepEqual(file.digests, {});
  assert.equal(file.yanked, undefined);
  assert.equal(file.requiresPython, undefined);
  assert.equal(file.coreMetadata, undefined);
});

test("parseSimpleHtml() keeps a link to provenance that is relative, so that the answer there counts", () => {
  assert.equal(
    String(onlyFile(`<a href="${wheel}" data-provenance="p">x</a>`).provenance),
    "https://index.example/simple/demo/p",
  );
});

test("parseSimpleHtml() takes a yank without a reason, and core metadata without a hash", () => {
  const file = onlyFile(`<a href="${wheel}" data-yanked data-core-metadata="true">x</a>`);
  assert.equal(file.yanked, "");
  assert.deepEqual(file.coreMetadata, {});
});

test("parseSimpleHtml() prefers data-core-metadata to its older name (PEP 714)", () => {
  const older = `data-dist-info-metadata="sha256=${"0".repeat(64)}"`;
  assert.deepEqual(onlyFile(`<a href="${wheel}" ${older} data-core-metadata="sha256=${sha256}">x</a>`).coreMetadata, {
    sha256,
  });
  assert.deepEqual(onlyFile(`<a href="${wheel}" ${older}>x</a>`).coreMetadata, { sha256: "0".repeat(64) });
  assert.equal(onlyFile(`<a href="${wheel}" data-core-metadata="false">x</a>`).coreMetadata, undefined);
});

test("parseSimpleHtml() finds the digest among other things in the fragment", () => {
  for (const fragment of [`egg=abc&sha256=${sha256}`, `sha256=${sha256}&md5=00`, `SHA256=${sha256.toUpperCase()}`]) {
    assert.deepEqual(onlyFile(`<a href="${wheel}#${fragment.replace("&", "&amp;")}">x</a>`).digests, { sha256 });
  }
});

test("parseSimpleHtml() counts md5, and what is no digest, as no digest", () => {
  for (const fragment of [`md5=${"0".repeat(32)}`, "sha256=00", `sha256=${"g".repeat(64)}`, "sha256"]) {
    assert.deepEqual(onlyFile(`<a href="${wheel}#${fragment}">x</a>`).digests, {});
  }
});

test("parseSimpleHtml() resolves links at the first base, wherever it stands", () => {
  const html = `<a href="${wheel}">x</a><base><base href="/files/"><base href="/others/">`;
  assert.equal(onlyFile(html).url.href, `https://index.example/files/${wheel}`);
});

test("parseSimpleHtml() decodes the file name", () => {
  const file = onlyFile('<a href="demo-1.0%2Blocal-py3-none-any.whl">x</a>');
  assert.equal(file.filename.text, "demo-1.0+local-py3-none-any.whl");
});

test("parseSimpleHtml() keeps credentials of a page's URL and of links out of what it hands on", () => {
  const secret = new URL("https://user:secret@index.example/simple/demo/");
  const page = parseSimpleHtml(`<a href="${wheel}" data-provenance="p">x</a>`, secret, source, demo);
  assert.doesNotMatch(page.files.map((file) => `${file.url} ${file.provenance}`).join(), /secret/);
});

test("parseSimpleHtml() skips what is of no use, with the reason", () => {
  const skippedFor = (href: string) => parseSimpleHtml(`<a href="${href}">x</a>`, url, source, demo).skipped[0]?.reason;
  assert.match(skippedFor("other-1.0-py3-none-any.whl") ?? "", /another project/);
  assert.match(skippedFor("demo-1.0.whl") ?? "", /demo-1.0.whl/);
  assert.match(skippedFor(`file:///etc/${wheel}`) ?? "", /local file/);
  assert.match(skippedFor(`http://127.0.0.1:631/${wheel}`) ?? "", /http:/);
  assert.match(skippedFor(`ftp://index.example/${wheel}`) ?? "", /ftp:/);
  assert.equal(skippedFor("../other-page/"), undefined);
  assert.equal(skippedFor("https://["), undefined);
});

test("parseSimpleHtml() fails on a greater major version and warns of a greater minor one", () => {
  const versioned = (version: string) =>
    parseSimpleHtml(`<meta name="pypi:repository-version" content="${version}">`, url, source, demo).warnings;
  assert.deepEqual(versioned("1.0"), []);
  assert.deepEqual(versioned("1.4"), []);
  assert.match(versioned("1.99")[0] ?? "", /1\.99, newer/);
  for (const version of ["2.0", "0.9", "one", "", "1"])
    assert.throws(() => versioned(version), { code: "index-version-unsupported" });
});

test("parseSimpleHtml() heeds the project's status (PEP 792)", () => {
  const marked = (status: string) =>
    parseSimpleHtml(
      `<meta name="pypi:project-status" content="${status}"><meta name="pypi:project-status-reason" content="moved"><a href="${wheel}">x</a>`,
      url,
      source,
      demo,
    );
  for (const status of ["quarantined", "archived", "deprecated", "a later word"]) {
    assert.deepEqual(marked(status).projectStatus, { status, reason: "moved" });
    assert.deepEqual(marked(status).files[0]?.projectStatus, { status, reason: "moved" }, "for the policy to judge");
  }
  assert.equal(marked("active").files[0]?.projectStatus, undefined);
});

test("parseSimpleHtml() reads the files that are wanted, and asks by name and whether there is provenance", () => {
  const asked: string[] = [];
  const links = [
    `<a href="../../packages/${wheel}#sha256=${sha256}" data-provenance="https://index.example/p">x</a>`,
    `<a href="demo-1.0.tar.gz" data-provenance="">x</a>`,
    `<a href='demo-2.0.tar.gz'>x</a>`,
    `<a href="demo-3.0.tar%2Egz">its name is known when it is parsed</a>`,
    `<a href="demo-4.0.tar.gz?x=y">this one's as well</a>`,
    `<a href="demo-5.0.tar.gz\n">and this one's</a>`,
    `<a href="demo-6.0.tar.gz" data-provenance="http://[">x</a>`,
  ];
  const page = parseSimpleHtml(links.join("\n"), url, source, demo, (filenames, isAttested) => {
    asked.push(...filenames.map((filename, at) => `${filename} ${isAttested(at)}`));
    return filenames.map((filename) => filename === wheel);
  });
  const unknown = "undefined false";
  assert.deepEqual(asked, [
    ...[`${wheel} true`, "demo-1.0.tar.gz false", "demo-2.0.tar.gz false"],
    ...[unknown, unknown, unknown, "demo-6.0.tar.gz false"],
  ]);
  assert.deepEqual(
    page.files.map(({ filename }) => filename.text),
    [wheel, "demo-3.0.tar.gz", "demo-4.0.tar.gz", "demo-5.0.tar.gz"],
  );
});

test("parseSimpleHtml() does not say that a project has no files where nobody wanted them", () => {
  const body = `<meta name="pypi:project-status" content="archived"><a href="${wheel}">x</a>`;
  const page = parseSimpleHtml(body, url, source, demo, () => [false]);
  assert.deepEqual([page.files, page.warnings, page.projectStatus], [[], [], { status: "archived" }]);
});
