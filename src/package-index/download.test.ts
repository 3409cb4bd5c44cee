import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import type { ArtifactRef } from "../distribution/artifact.ts";
import { digestOf } from "../distribution/digest.ts";
import { startFakeIndex } from "../testing/fake-index.ts";
import {
  answer,
  dripping,
  endless,
  faultAt,
  hangUp,
  type Respond,
  redirectTo,
  stalled,
  truncated,
} from "../testing/index-faults.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { localRef } from "./client.ts";
import { type DownloadHooks, download } from "./download.ts";
import { createRoom } from "./room.ts";
import { createTransport } from "./transport.ts";
import type { TransportOptions } from "./transport-options.ts";

const wheel = makeWheel();
const sha512 = digestOf(wheel.bytes, "sha512");
const sha384 = digestOf(wheel.bytes, "sha384");

/** An empty folder, an index with one wheel, a reference to the wheel, and a way to download it. */
async function setScene(options: Partial<TransportOptions> = {}) {
  const folder = temporaryFolder();
  const index = await startFakeIndex();
  index.add(wheel);
  const transport = createTransport({ online: true, timeoutMs: 500, retries: 0, userAgent: "tspip/test", ...options });
  const ref: ArtifactRef = {
    ...localRef(`/${wheel.filename}`),
    url: new URL(`${index.origin}/files/${wheel.filename}`),
  };
  return {
    folder: folder.path,
    index,
    ref,
    download: (changes: Partial<ArtifactRef> = {}, hooks: DownloadHooks = {}) =>
      download({ ...ref, ...changes }, () => folder.path, transport, hooks),
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await index[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

test("download() holds the bytes in a private file under the artifact's name", async () => {
  await using scene = await setScene();
  const artifact = await scene.download();
  assert.deepEqual([artifact.size, artifact.bytes.size], [wheel.bytes.length, wheel.bytes.length]);
  assert.deepEqual(artifact.bytes.read(0, artifact.size), wheel.bytes);
  assert.deepEqual(readFileSync(artifact.path), wheel.bytes);
  assert.ok(artifact.path.startsWith(scene.folder) && artifact.path.endsWith(`/${wheel.filename}`));
  assert.equal(statSync(artifact.path).mode & 0o777, 0o600);
  assert.equal(statSync(join(artifact.path, "..")).mode & 0o777, 0o700);
  await artifact.close();
});

test("download() computes SHA-256 and whatever the index or the user promised, from the bytes", async () => {
  await using scene = await setScene();
  const plain = await scene.download();
  assert.deepEqual(plain.digests, { sha256: wheel.sha256 });
  await plain.close();
  const promised = await scene.download({
    digests: { sha512: "0".repeat(128) },
    pins: [
      { algorithm: "sha384", hex: "0".repeat(96) },
      { algorithm: "sha256", hex: wheel.sha256 },
    ],
  });
  assert.deepEqual(promised.digests, { sha256: wheel.sha256, sha512, sha384 });
  await promised.close();
});

test("download() reads what is kept where it lies, and fetches what is gone from there, or is something else", async () => {
  await using scene = await setScene();
  const kept = join(scene.folder, "kept");
  const discarded: string[] = [];
  const discard = async (sha256: string) => void discarded.push(sha256);
  const stored = { find: () => kept, take: () => assert.fail("There is nothing to copy"), discard };
  const take = async () => {
    await using owned = new AsyncDisposableStack();
    const artifact = await scene.download({ digests: { sha256: wheel.sha256 } }, { stored });
    owned.defer(() => artifact.close());
    assert.deepEqual(artifact.bytes.read(0, artifact.size), wheel.bytes);
    return artifact.path;
  };
  assert.notEqual(await take(), kept);
  writeFileSync(kept, "something else");
  assert.notEqual(await take(), kept);
  assert.deepEqual(discarded, [wheel.sha256, wheel.sha256]);
  writeFileSync(kept, wheel.bytes);
  const asked = scene.index.requests.length;
  assert.equal(await take(), kept);
  assert.equal(scene.index.requests.length, asked);
});

test("download() writes nothing to disk as long as there is room in memory, and makes room once when an artifact is closed", async () => {
  await using scene = await setScene();
  const room = createRoom(wheel.bytes.length + 1);
  const first = await scene.download({}, { room });
  assert.deepEqual([first.shared.kind, first.size, first.digests.sha256], ["memory", wheel.bytes.length, wheel.sha256]);
  assert.deepEqual(first.bytes.read(0, first.size), wheel.bytes);
  assert.deepEqual(readdirSync(scene.folder), []);
  const second = await scene.download({}, { room });
  assert.equal(second.shared.kind, "file");
  for (const artifact of [first, first, second]) await artifact.close();
  const third = await scene.download({}, { room });
  const fourth = await scene.download({}, { room });
  assert.deepEqual([third.shared.kind, fourth.shared.kind], ["memory", "file"]);
  for (const artifact of [third, fourth]) await artifact.close();
});

test("download() makes room again when the answer breaks off", async () => {
  await using scene = await setScene();
  const room = createRoom(wheel.bytes.length);
  scene.index.fault = faultAt("/files/", truncated(wheel.bytes));
  await assert.rejects(scene.download({}, { room }), { code: "answer-broken" });
  assert.notEqual(room.take(wheel.bytes.length), undefined);
});

test("download() is indifferent to the same file twice at once", async () => {
  await using scene = await setScene();
  const artifacts = await Promise.all([scene.download(), scene.download()]);
  assert.notEqual(artifacts[0].path, artifacts[1].path);
  for (const artifact of artifacts) await artifact.close();
});

const failures: Readonly<Record<string, readonly [respond: Respond, code: string, changes?: Partial<ArtifactRef>]>> = {
  "is not there": [answer(404), "artifact-missing"],
  "is refused": [answer(403), "artifact-missing"],
  "is longer than promised": [endless(), "too-large", { size: 1000 }],
  "breaks off": [truncated(wheel.bytes), "answer-broken"],
  "comes a byte at a time": [dripping(), "too-slow"],
  "falls silent": [stalled, "answer-broken"],
  "hangs up": [hangUp, "index-unreachable"],
  "redirects to http elsewhere": [redirectTo("http://files.example/x.whl"), "insecure-url"],
  "redirects to a local file": [redirectTo("file:///etc/passwd"), "insecure-url"],
  "redirects in circles": [redirectTo(`/files/${wheel.filename}`), "too-many-redirects"],
};

for (const [what, [respond, code, changes]] of Object.entries(failures)) {
  test(`download() leaves nothing behind when the answer ${what}`, async () => {
    await using scene = await setScene();
    scene.index.fault = faultAt("/files/", respond);
    await assert.rejects(scene.download(changes), { name: "IndexError", code });
    assert.deepEqual(readdirSync(scene.folder), []);
  });
}

test("download() asks again when the connection breaks within the file", async () => {
  await using scene = await setScene({ retries: 2 });
  scene.index.fault = faultAt("/files/", truncated(wheel.bytes), 2);
  const artifact = await scene.download();
  assert.equal(artifact.digests.sha256, wheel.sha256);
  assert.equal(scene.index.requests.length, 3);
  await artifact.close();
});

test("download() says when it cannot write", async () => {
  await using scene = await setScene();
  const transport = createTransport({ online: true, timeoutMs: 500, retries: 0, userAgent: "tspip/test" });
  await using _ = transport;
  await assert.rejects(
    download(scene.ref, () => join(scene.folder, "missing"), transport),
    {
      name: "EnvironmentError",
      code: "cannot-write",
    },
  );
});

test("download() takes a local file out of reach of whoever changes it", async () => {
  for (const size of [wheel.bytes.length, 9 << 20]) {
    await using scene = await setScene();
    const path = join(scene.folder, wheel.filename);
    writeFileSync(path, Buffer.alloc(size, "x"));
    const expected = digestOf(Buffer.alloc(size, "x"));
    const artifact = await scene.download({ url: pathToFileURL(path), digests: { sha512: "0".repeat(128) } });
    truncateSync(path, 0);
    writeFileSync(path, "changed");
    assert.equal(artifact.digests.sha256, expected);
    assert.equal(artifact.digests.sha512?.length, 128);
    assert.equal(digestOf(artifact.bytes.read(0, artifact.size)), expected);
    await artifact.close();
  }
});

const [ext4, tmpfs, overlayfs] = [0xef53, 0x01021994, 0x794c7630];
const isLocal = process.platform === "linux" && [ext4, tmpfs, overlayfs].includes(statfsSync(tmpdir()).type);
const skip = isLocal ? false : "the temporary folder is not on a file system that is relied on";

test("download() reads a large local file that only the user can write to where it lies, and notices when it is changed", {
  skip,
}, async () => {
  await using scene = await setScene();
  const path = join(scene.folder, wheel.filename);
  writeFileSync(path, Buffer.alloc(2 << 20, "x"), { mode: 0o644 });
  // Times go in steps of some milliseconds.
  utimesSync(path, 0, 0);
  const userId = statSync(path).uid;
  const later = () => new Date(Date.now() + 60_000);
  await using owned = new AsyncDisposableStack();
  const take = async (inPlace: DownloadHooks["inPlace"]) => {
    const artifact = await scene.download({ url: pathToFileURL(path) }, { inPlace });
    owned.defer(() => artifact.close());
    return artifact;
  };
  const suffices = () => true;
  const isCopied = async (inPlace: DownloadHooks["inPlace"]) => {
    const artifact = await take(inPlace);
    assert.equal(artifact.path === path, artifact.isUnchanged !== undefined);
    return artifact.path !== path;
  };
  assert.equal(
    await isCopied({ userId, now: () => new Date(), suffices }),
    true,
    "what was written to just now may be so again",
  );
  assert.equal(await isCopied({ userId: userId + 1, now: later, suffices }), userId !== 0, "root may do anything");
  const keeping = (sha256: string) => sha256 !== digestOf(readFileSync(path));
  assert.equal(await isCopied({ userId, now: later, suffices: keeping }), true, "something of it is to be kept");
  const artifact = await take({ userId, now: later, suffices });
  assert.deepEqual([artifact.path, artifact.isUnchanged?.()], [path, true]);
  assert.equal(digestOf(artifact.bytes.read(0, artifact.size)), artifact.digests.sha256);

  const changed = { name: "EnvironmentError", code: "artifact-changed", message: /was changed while it was read$/ };
  writeFileSync(path, Buffer.alloc(2 << 20, "y"));
  assert.equal(artifact.isUnchanged?.(), false);
  assert.throws(() => artifact.bytes.read(0, 10), changed);
  truncateSync(path, 0);
  assert.throws(() => artifact.bytes.read(0, 10), changed);

  writeFileSync(path, Buffer.alloc(2 << 20, "z"));
  chmodSync(path, 0o664);
  assert.equal(await isCopied({ userId, now: later, suffices }), true, "the group may write to it");
});

test("download() reads a local file offline, through a link too", async () => {
  await using scene = await setScene({ online: false });
  const [target, link] = [join(scene.folder, "target"), join(scene.folder, wheel.filename)];
  writeFileSync(target, wheel.bytes);
  symlinkSync(target, link);
  const artifact = await scene.download({ url: pathToFileURL(link) });
  assert.equal(artifact.digests.sha256, wheel.sha256);
  await artifact.close();
});

test("download() says when a local file cannot be read", async () => {
  await using scene = await setScene();
  const folder = join(scene.folder, "folder");
  mkdirSync(folder);
  for (const url of [
    pathToFileURL(folder),
    new URL("file:///no/such/file.whl"),
    new URL("file:///dev/null"),
    new URL("file://host/x.whl"),
  ])
    await assert.rejects(scene.download({ url }), { name: "ArtifactError", code: "artifact-unreadable" }, url.href);
  assert.deepEqual(readdirSync(scene.folder), ["folder"]);
});
