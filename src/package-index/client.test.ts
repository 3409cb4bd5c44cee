import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import type { ArtifactRef } from "../distribution/artifact.ts";
import { normalizeProjectName } from "../distribution/project-name.ts";
import { startFakeIndex } from "../testing/fake-index.ts";
import { answer, endless, faultAt, gzipBomb, hangUp, redirectTo } from "../testing/index-faults.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { createIndexClient, type IndexClientOptions, localRef } from "./client.ts";
import type { WantedFiles } from "./page.ts";
import { createTransport } from "./transport.ts";

const example = normalizeProjectName("example");
const wheel = makeWheel();
const provenance = '{"version": 1, "attestation_bundles": []}';

/** A client and what it warned of. */
function clientOf(options: Partial<IndexClientOptions> & { readonly online?: boolean }) {
  const { online = true } = options;
  const transport = createTransport({ online, timeoutMs: 10_000, retries: 0, userAgent: "tspip/test" });
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const client = createIndexClient({ transport, indexes: [], findLinks: [], warn, ...options });
  return { client, warnings, [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose]() };
}

async function onlyFile({ client }: Pick<ReturnType<typeof clientOf>, "client">): Promise<ArtifactRef> {
  const files = (await client.files(example)).flatMap((page) => page.files);
  assert.equal(files.length, 1);
  const [file] = files;
  assert.ok(file !== undefined);
  return file;
}

for (const format of ["json", "html"] as const) {
  test(`files() reads what an index says, in ${format}`, async () => {
    await using index = await startFakeIndex();
    index.format = format;
    const coreMetadata = "Metadata-Version: 2.1\n";
    index.add({ ...wheel, provenance, yanked: "see <notes>", requiresPython: ">=3.9, <4", coreMetadata });
    await using asking = clientOf({ indexes: [new URL(index.url)] });
    const file = await onlyFile(asking);
    assert.equal(file.url.href, `${index.origin}/files/${wheel.filename}`);
    assert.deepEqual(file.digests, { sha256: wheel.sha256 });
    assert.deepEqual([file.yanked, file.requiresPython], ["see <notes>", ">=3.9, <4"]);
    assert.equal(file.coreMetadata?.sha256?.length, 64);
    assert.deepEqual(file.source, { kind: "index", url: new URL(index.url) });
    assert.equal(file.size, format === "json" ? wheel.bytes.length : undefined);
    assert.equal((await asking.client.provenance(file)).state, "found");
    assert.deepEqual(asking.warnings, []);
  });
}

const none: WantedFiles = (filenames) => filenames.map(() => false);
const all: WantedFiles = (filenames) => filenames.map(() => true);

test("wantedFiles() reads a part, and who asks for everything later does not ask the index again", async () => {
  await using index = await startFakeIndex();
  index.add(wheel);
  index.add(makeWheel({ version: "2.0" }));
  await using asking = clientOf({ indexes: [new URL(index.url)] });
  const { client } = asking;
  client.askAhead(example);
  const wanted = await client.wantedFiles(example, (filenames) =>
    filenames.map((filename) => filename === wheel.filename),
  );
  const namesOf = (pages: typeof wanted) => pages.flatMap(({ files }) => files.map(({ filename }) => filename.text));
  assert.deepEqual(namesOf(wanted), [wheel.filename]);
  assert.equal(namesOf(await client.files(example)).length, 2);
  assert.equal(namesOf(await client.wantedFiles(example, none)).length, 2, "it is there already");
  assert.deepEqual(index.requests, ["GET /simple/example/"]);
});

test("files() of the one index that has a page that was read in part does not ask it again", async () => {
  await using index = await startFakeIndex();
  index.add(wheel);
  const url = new URL(index.url);
  await using asking = clientOf({ indexes: [url] });
  await asking.client.wantedFiles(example, none);
  const [page] = await asking.client.files(example, url);
  assert.deepEqual([page?.files.length, index.requests.length], [1, 1]);
});

test("askAhead() fails nobody; what an index could not say, it is asked again", async () => {
  await using index = await startFakeIndex();
  index.add(wheel);
  index.fault = faultAt("/simple/example/", answer(500), 1);
  await using asking = clientOf({ indexes: [new URL(index.url)] });
  asking.client.askAhead(example);
  await assert.rejects(asking.client.wantedFiles(example, all), { code: "index-unreachable" });
  assert.equal(index.requests.length, 1);
  const [page] = await asking.client.wantedFiles(example, all);
  assert.equal(page?.files.length, 1);
});

test("wantedFiles() warns once of a page that is read twice", async () => {
  await using index = await startFakeIndex();
  const page = { meta: { "api-version": "1.77" }, files: [] };
  index.fault = faultAt("/", answer(200, { "content-type": "application/json" }, JSON.stringify(page)));
  await using asking = clientOf({ indexes: [new URL(index.url)] });
  await asking.client.wantedFiles(example, all);
  await asking.client.files(example);
  assert.equal(asking.warnings.length, 1);
});

test("files() asks for the normal name with a slash, JSON before HTML, and each project once", async () => {
  await using index = await startFakeIndex();
  index.add(makeWheel({ name: "Some.Name" }));
  const accepted: string[] = [];
  index.fault = ({ headers }) => {
    accepted.push(`${headers.accept} | ${headers["accept-encoding"]}`);
    return false;
  };
  await using asking = clientOf({ indexes: [new URL(index.url.slice(0, -1))] });
  const name = normalizeProjectName("Some.Name");
  const [first, second] = await Promise.all([asking.client.files(name), asking.client.files(name)]);
  assert.equal(first, second);
  assert.deepEqual(index.requests, ["GET /simple/some-name/"]);
  assert.match(accepted[0] ?? "", /^application\/vnd\.pypi\.simple\.v1\+json, .*text\/html;q=0\.1 \| gzip/);
});

test("files() resolves relative links at the page behind redirects", async () => {
  await using index = await startFakeIndex();
  index.format = "html";
  index.add(wheel);
  await using front = await startFakeIndex();
  front.fault = faultAt("/simple/example/", redirectTo(`${index.origin}/simple/example/`));
  await using asking = clientOf({ indexes: [new URL(front.url)] });
  const { url, source } = await onlyFile(asking);
  assert.equal(url.origin, index.origin);
  assert.deepEqual(source, { kind: "index", url: new URL(front.url) });
});

test("files() takes a project from the first index that knows it, and merges nothing", async () => {
  await using home = await startFakeIndex();
  await using world = await startFakeIndex();
  home.add(wheel);
  world.add(makeWheel({ version: "99.0" }));
  world.add(makeWheel({ name: "elsewhere" }));
  await using asking = clientOf({ indexes: [new URL(home.url), new URL(world.url)] });
  assert.equal((await onlyFile(asking)).url.origin, home.origin);
  assert.deepEqual(world.requests, []);
  const [page] = await asking.client.files(normalizeProjectName("elsewhere"));
  assert.equal(page?.files[0]?.url.origin, world.origin);
  assert.deepEqual(await asking.client.files(normalizeProjectName("nowhere")), []);
});

test("files() does not go on to the next index when one fails", async () => {
  await using home = await startFakeIndex();
  await using world = await startFakeIndex();
  world.add(wheel);
  for (const respond of [
    answer(500),
    answer(403),
    answer(401),
    hangUp,
    answer(200, { "content-type": "text/plain" }),
  ]) {
    home.fault = faultAt("/simple/", respond);
    await using asking = clientOf({ indexes: [new URL(home.url), new URL(world.url)] });
    await assert.rejects(asking.client.files(example), { name: "IndexError" });
  }
  assert.deepEqual(world.requests, []);
});

test("files() refuses pages that are too large, of an unknown type or a newer API", async () => {
  await using index = await startFakeIndex();
  const html = { "content-type": "text/html" };
  const json = { "content-type": "application/vnd.pypi.simple.v1+json" };
  for (const [respond, code] of [
    [gzipBomb(100 << 20), "too-large"],
    [endless("application/json"), "too-large"],
    [answer(200, json, "<html>"), "index-answer-invalid"],
    [answer(200, { "content-type": "application/vnd.pypi.simple.v2+json" }, "{}"), "index-answer-invalid"],
    [answer(200, json, '{"meta": {"api-version": "2.0"}, "files": []}'), "index-version-unsupported"],
    [answer(200, html, '<meta name="pypi:repository-version" content="2.0">'), "index-version-unsupported"],
  ] as const) {
    index.fault = faultAt("/simple/", respond);
    await using asking = clientOf({ indexes: [new URL(index.url)] });
    await assert.rejects(asking.client.files(example), { name: "IndexError", code });
  }
});

test("files() hands on warnings of a page, and how the index marks the project", async () => {
  await using index = await startFakeIndex();
  const page = { meta: { "api-version": "1.77" }, files: [], "project-status": { status: "archived" } };
  index.fault = faultAt("/", answer(200, { "content-type": "application/json" }, JSON.stringify(page)));
  await using asking = clientOf({ indexes: [new URL(index.url)] });
  const [{ projectStatus } = {}] = await asking.client.files(example);
  assert.match(
    asking.warnings.join("\n"),
    /1\.77, newer than tspip knows\n.*"example" as archived, and lists no file of it$/,
  );
  assert.deepEqual(projectStatus, { status: "archived" });
});

test("files() looks at links too: folders, local pages, pages on the net, each read once", async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, wheel.filename), wheel.bytes);
  writeFileSync(join(folder.path, "notes.txt"), "no distribution");
  writeFileSync(join(folder.path, "example-1.0.whl"), "no wheel by its name");
  const page = join(folder.path, "links.html");
  writeFileSync(page, `<a href="${wheel.filename}#sha256=${wheel.sha256}">x</a><a href="other-2.0.tar.gz">y</a>`);
  await using index = await startFakeIndex();
  const remote = `<a href="files/${wheel.filename}">x</a>`;
  index.fault = faultAt("/links", answer(200, { "content-type": "text/html" }, remote));

  const findLinks = [pathToFileURL(folder.path), pathToFileURL(page), new URL(`${index.origin}/links`)];
  await using asking = clientOf({ findLinks });
  const pages = await asking.client.files(example);
  const [inFolder, inPage, onNet] = pages.map(({ files }) => files);
  assert.equal(inFolder?.[0]?.url.href, pathToFileURL(join(folder.path, wheel.filename)).href);
  assert.deepEqual(inPage?.[0]?.digests, { sha256: wheel.sha256 });
  assert.equal(onNet?.[0]?.url.href, `${index.origin}/files/${wheel.filename}`);
  assert.deepEqual(
    pages.map(({ files }) => files.length),
    [1, 1, 1],
  );
  assert.equal(onNet?.[0]?.source.kind, "find-links");
  assert.equal(pages[0]?.skipped[0]?.filename, "example-1.0.whl");

  await asking.client.files(normalizeProjectName("other"));
  assert.deepEqual(index.requests, ["GET /links"]);
});

test("files() warns once of a place of links that is not there, and fails where a page cannot be had", async () => {
  const findLinks = [new URL("file:///no/such/folder"), new URL("file://host/share")];
  await using local = clientOf({ findLinks });
  await local.client.files(example);
  await local.client.files(normalizeProjectName("other"));
  assert.equal(local.warnings.length, 2);
  assert.match(
    local.warnings[0] ?? "",
    /^Cannot look in --find-links "\/no\/such\/folder": "\/no\/such\/folder" is not there$/,
  );

  await using index = await startFakeIndex();
  await using remote = clientOf({ findLinks: [new URL(`${index.origin}/links`)] });
  await assert.rejects(remote.client.files(example), { code: "index-unreachable", message: /404/ });
});

test("provenance() keeps every way of not having one apart", async () => {
  await using index = await startFakeIndex();
  index.add({ ...wheel, provenance });
  await using asking = clientOf({ indexes: [new URL(index.url)] });
  const linked = await onlyFile(asking);
  const found = await asking.client.provenance(linked);
  assert.ok(found.state === "found");
  assert.deepEqual(
    [found.bytes.toString(), found.url.pathname],
    [provenance, `/integrity/${wheel.filename}/provenance`],
  );

  assert.deepEqual(await asking.client.provenance({ ...linked, provenance: "none" }), { state: "none" });
  assert.deepEqual(await asking.client.provenance({ ...linked, provenance: "unknown" }), { state: "unknown" });
  assert.deepEqual(await asking.client.provenance(localRef(`/x/${wheel.filename}`)), { state: "unknown" });

  for (const [respond, state] of [
    [answer(404), "none"],
    [answer(403), "refused"],
    [answer(406), "unavailable"],
    [answer(410), "unavailable"],
    [answer(500), "unavailable"],
    [hangUp, "unavailable"],
    [gzipBomb(100 << 20, "application/json"), "unavailable"],
    [redirectTo("http://elsewhere.example/"), "unavailable"],
  ] as const) {
    index.fault = faultAt("/integrity/", respond);
    assert.equal((await asking.client.provenance(linked)).state, state);
  }
});

test("provenance() is unavailable, not unknown, without a connection", async () => {
  await using asking = clientOf({ online: false });
  const ref = { ...localRef(`/x/${wheel.filename}`), provenance: new URL("https://index.example/provenance") };
  const absent = await asking.client.provenance(ref);
  assert.ok(absent.state === "unavailable");
  assert.match(absent.reason, /--offline/);
});

test("provenance() is not fetched over http on the word of an https index", async () => {
  await using index = await startFakeIndex();
  await using asking = clientOf({});
  const source = { kind: "index", url: new URL("https://index.example/simple/") } as const;
  const ref = { ...localRef(`/x/${wheel.filename}`), source, provenance: new URL(`${index.origin}/p`) };
  assert.equal((await asking.client.provenance(ref)).state, "unavailable");
  assert.deepEqual(index.requests, []);
});

test("provenance() asks the index itself for a reference from a lock file", async () => {
  await using index = await startFakeIndex();
  index.add({ ...wheel, provenance });
  index.add({ ...makeWheel({ version: "2.0" }), provenance: null });
  await using asking = clientOf({});
  const locked = (version: string): ArtifactRef => ({
    ...localRef(`/x/example-${version}-py3-none-any.whl`),
    source: { kind: "index", url: new URL(index.url) },
    provenance: "unasked",
  });
  assert.equal((await asking.client.provenance(locked("1.0"))).state, "found");
  assert.equal((await asking.client.provenance(locked("2.0"))).state, "none");
  assert.equal((await asking.client.provenance(locked("3.0"))).state, "unknown");
  assert.equal((await asking.client.provenance({ ...locked("1.0"), source: { kind: "direct" } })).state, "unknown");
  assert.equal(index.requests.filter((request) => request === "GET /simple/example/").length, 1);
  index.fault = faultAt("/simple/", answer(500));
  await using later = clientOf({});
  assert.equal((await later.client.provenance(locked("1.0"))).state, "unavailable");
});
