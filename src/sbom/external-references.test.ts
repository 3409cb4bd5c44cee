import assert from "node:assert/strict";
import { test } from "node:test";
import { type MetadataHeaders, makeInstalled } from "../testing/make-installed.ts";
import { externalReferencesOf } from "./external-references.ts";
import type { SourceArchive } from "./source-archive.ts";

/** `type url` for each reference. */
function references(headers: MetadataHeaders, archive: SourceArchive = { digests: {} }): string[] {
  return externalReferencesOf(makeInstalled("demo", "1", headers), archive).map(({ type, url }) => `${type} ${url}`);
}

test("externalReferencesOf() knows the labels of PEP 753, however they are written", () => {
  const labels = [
    "Home Page",
    "Source-Code",
    "GitHub",
    "What's New",
    "Release notes",
    "Docs",
    "Bug Tracker",
    "Funding",
    "Download",
  ];
  const headers = { "Project-URL": labels.map((label, at) => `${label}, https://example.org/${at}`) };
  assert.deepEqual(
    references(headers).map((reference) => reference.split(" ")[0]),
    [
      "website",
      "vcs",
      "vcs",
      "release-notes",
      "release-notes",
      "documentation",
      "issue-tracker",
      "other",
      "distribution",
    ],
  );
});

test("externalReferencesOf() leaves out what is no link to the web, and credentials", () => {
  const urls = [
    "javascript:alert(1)",
    "data:text/html,x",
    "relative/path",
    "https://user:secret@example.org/",
    `https://example.org/${"x".repeat(9000)}`,
  ];
  assert.deepEqual(references({ "Project-URL": urls.map((url) => `Link, ${url}`) }), ["other https://example.org/"]);
});

test("externalReferencesOf() says the same link once", () => {
  assert.deepEqual(
    references({ "Home-page": "https://example.org", "Project-URL": "homepage, https://example.org/" }),
    ["website https://example.org/"],
  );
});

test("externalReferencesOf() calls an archive a distribution, and anything else that was installed from other", () => {
  const sha256 = "0a".repeat(32);
  const [archive] = externalReferencesOf(makeInstalled("demo", "1"), {
    url: "https://dl.example/demo-1.zip",
    digests: { sha256 },
  });
  assert.equal(archive?.type, "distribution");
  assert.deepEqual([...(archive?.hashes ?? [])], [["SHA-256", sha256]]);
  assert.deepEqual(references({}, { url: "https://git.example/demo.git", digests: {} }), [
    "other https://git.example/demo.git",
  ]);
});
