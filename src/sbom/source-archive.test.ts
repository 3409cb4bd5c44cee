import assert from "node:assert/strict";
import { test } from "node:test";
import { makeInstalled, makeInstalledReceipt } from "../testing/make-installed.ts";
import { purlOf } from "./purl.ts";
import { sourceArchive } from "./source-archive.ts";

const sha256 = "5a".repeat(32);

test("sourceArchive() takes the receipt before direct_url.json", () => {
  const receipt = makeInstalledReceipt("demo-1.0-py3-none-any.whl");
  const directUrl = { url: "https://other.example/demo-1.0.zip", archive_info: { hashes: {} } };
  const { filename, digests } = sourceArchive(makeInstalled("demo", "1", {}, { receipt, directUrl }));
  assert.equal(filename, "demo-1.0-py3-none-any.whl");
  assert.deepEqual(digests, { sha256 });
});

test("sourceArchive() takes no receipt of another project or version", () => {
  for (const filename of ["demo-2-py3-none-any.whl", "other-1-py3-none-any.whl", "nonsense", ""]) {
    const receipt = makeInstalledReceipt(filename);
    assert.deepEqual(sourceArchive(makeInstalled("demo", "1", {}, { receipt })), { digests: {} });
  }
});

test("sourceArchive() takes secure digests only, and only where they are digests", () => {
  const hashes = { md5: "00".repeat(16), sha256: sha256.toUpperCase(), sha512: "short", __proto__: "x" };
  const directUrl = { url: "file:///tmp/demo-1-py3-none-any.whl", archive_info: { hashes } };
  assert.deepEqual(sourceArchive(makeInstalled("demo", "1", {}, { directUrl })), {
    filename: "demo-1-py3-none-any.whl",
    url: "file:///tmp/demo-1-py3-none-any.whl",
    digests: { sha256 },
  });
});

test("purlOf() has the normalised name, the encoded version and the file name", () => {
  const distribution = makeInstalled(
    "Demo.Pkg",
    "1!2.0+cpu.1",
    {},
    { receipt: makeInstalledReceipt("demo_pkg-1!2.0+cpu.1-py3-none-any.whl") },
  );
  assert.equal(
    purlOf(distribution, sourceArchive(distribution)),
    "pkg:pypi/demo-pkg@1%212.0%2Bcpu.1?file_name=demo_pkg-1%212.0%2Bcpu.1-py3-none-any.whl",
  );
});

test("purlOf() names a URL that the user chose, without credentials, but no path of this machine", () => {
  const purl = (url: string) =>
    purlOf(makeInstalled("demo", "1", {}, { directUrl: { url, archive_info: { hashes: {} } } }), { digests: {} });
  assert.equal(purl("https://u:p@dl.example/x"), "pkg:pypi/demo@1?download_url=https%3A%2F%2Fdl.example%2Fx");
  assert.equal(purl("file:///home/ada/demo"), "pkg:pypi/demo@1");
});

test("purlOf() leaves out a version that is too long to be one", () => {
  assert.equal(purlOf(makeInstalled("demo", "1".repeat(2000)), { digests: {} }), "pkg:pypi/demo");
});
