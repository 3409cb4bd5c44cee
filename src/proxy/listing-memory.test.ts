import assert from "node:assert/strict";
import { test } from "node:test";
import type { ArtifactRef } from "../distribution/artifact.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import { pageOf } from "../package-index/page.ts";
import type { UnreadPage } from "../package-index/project-page.ts";
import { parseSimpleJson } from "../package-index/simple-json.ts";
import { finding } from "../verdict/finding.ts";
import { listingOf, type Refusal, sortFiles } from "./listing.ts";
import { createListingMemory } from "./listing-memory.ts";
import { jsonType } from "./simple-page.ts";

const name = "demo" as ProjectName;
const index = new URL("https://index.example/simple/");

const upstream = parseSimpleJson(
  JSON.stringify({
    meta: { "api-version": "1.4" },
    "project-status": { status: "deprecated", reason: 'of "two"\nlines' },
    files: [
      { filename: "demo-1.0.tar.gz", url: "/files/demo-1.0.tar.gz", hashes: {} },
      { filename: "demo-1.0-py3-none-any.whl", url: "/files/a%20b/demo-1.0-py3-none-any.whl?x=1", hashes: {} },
      {
        filename: "demo-1.1-py3-none-any.whl",
        url: "https://files.example/demo-1.1-py3-none-any.whl",
        hashes: { sha256: "AB".repeat(32), sha512: "cd".repeat(64) },
        size: 7,
        "requires-python": ">=3.8",
        yanked: 'because {"filename":"demo-1.0-py3-none-any.whl",\n',
        "upload-time": "2026-01-02T03:04:05.678901Z",
        "core-metadata": { sha256: "12".repeat(32) },
        provenance: "https://index.example/integrity/demo",
      },
      { filename: "demo-1.2-py3-none-any.whl", url: "/files/demo-1.2", hashes: {}, provenance: null, yanked: true },
    ],
  }),
  new URL("demo/", index),
  { kind: "index", url: index },
  name,
);

const noSdists: Refusal = ({ filename }) =>
  filename.kind === "sdist"
    ? { decision: "deny", rule: "default", evidence: [], findings: [finding("sdist-refused", "no")] }
    : undefined;

/** A page that says how often it was read, and a store that can be looked into. */
function setStage() {
  const stored = new Map<string, Buffer>();
  let reads = 0;
  let page: UnreadPage | undefined = {
    index,
    sha256: "1",
    read: () => {
      reads++;
      return upstream;
    },
  };
  const store = {
    get: (slot: string) => stored.get(slot),
    set: async (slot: string, bytes: Buffer) => void stored.set(slot, bytes),
  };
  return {
    stored,
    reads: () => reads,
    change: (changed: UnreadPage | undefined) => {
      page = changed;
    },
    listing: (...context: string[]) =>
      createListingMemory({ onlyPage: async () => page }, store, context).listing(name, noSdists),
  };
}

test("a remembered listing is the one that was made, and its page is not read again", async () => {
  const stage = setStage();
  const plain = listingOf(name, sortFiles(upstream.files, noSdists));
  for (const _ of ["made", "remembered"]) {
    const listing = await stage.listing();
    assert.equal(String(listing?.page(jsonType).body), plain.page(jsonType).body);
    for (const ref of plain.files().offered) assert.deepEqual(facts(listing?.offered(ref.filename.text)), facts(ref));
    for (const other of ["demo-1.0.tar.gz", "demo-9.0-py3-none-any.whl", "", "\n", "demo-1.1"])
      assert.equal(listing?.offered(other), undefined, other);
    assert.equal(listing?.index?.href, index.href);
  }
  assert.equal(stage.reads(), 1);
  const listing = await stage.listing();
  assert.equal(listing?.files().withheld[0]?.ref.filename.text, "demo-1.0.tar.gz");
  assert.match(String(listing?.page("text/html").body), /<a href="\.\.\/\.\.\/files\/demo\/demo-1\.1/);
});

/** That metadata is served is not kept, as it is promised of every wheel. */
function facts(ref: ArtifactRef | undefined): object {
  const { filename, coreMetadata, ...rest } = ref as ArtifactRef;
  return { ...rest, filename: filename.text, version: filename.version.text, metadata: coreMetadata?.sha256 };
}

test("another page, another context and broken bytes are misses", async () => {
  const stage = setStage();
  await stage.listing("policy one");
  await stage.listing("policy two");
  assert.equal(stage.reads(), 2);
  for (const break_ of [
    (bytes: Buffer) => bytes.subarray(0, -1),
    (bytes: Buffer) => Buffer.concat([bytes, Buffer.from("\n")]),
    (bytes: Buffer) => Buffer.concat([Buffer.from("x"), bytes]),
    () => Buffer.alloc(0),
  ]) {
    for (const [slot, bytes] of stage.stored) stage.stored.set(slot, break_(bytes));
    const before = stage.reads();
    assert.equal((await stage.listing("policy two"))?.files().offered.length, 3);
    assert.ok(stage.reads() > before);
  }
  const before = stage.reads();
  stage.change({ index, sha256: "2", read: () => pageOf([]) });
  assert.equal(await stage.listing("policy two"), undefined);
  stage.change(undefined);
  assert.equal(await stage.listing("policy two"), undefined);
  // Whoever reads it anew says what there is to say.
  stage.change({ index, sha256: "3", read: () => ({ ...upstream, warnings: ["It is newer"] }) });
  for (const _ of ["first", "again"]) assert.equal(await stage.listing("policy two"), undefined);
  assert.equal(stage.reads(), before);
});
