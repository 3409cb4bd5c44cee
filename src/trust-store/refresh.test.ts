import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createTransport, type Transport } from "../package-index/transport.ts";
import { startFakeIndex } from "../testing/fake-index.ts";
import { createSigningAuthority } from "../testing/signing-authority.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { createTufRepository, type TufFiles } from "../testing/tuf-repository.ts";
import { refreshTrustedRoot } from "./refresh.ts";
import { readStoredRoot, trustedRootPath } from "./stored-root.ts";

const repository = createTufRepository();
const [older, newer] = [createSigningAuthority(), createSigningAuthority()].map(({ trustedRootJson }) =>
  Buffer.from(trustedRootJson),
);
assert.ok(older && newer);

/** A client whose repository can be put into another state. */
async function setScene() {
  const folder = temporaryFolder();
  const index = await startFakeIndex();
  let files: TufFiles = new Map();
  index.fault = ({ url = "" }, response) => {
    const body = files.get(url.replace(/^\/tuf\//, ""));
    response.writeHead(body === undefined ? 404 : 200).end(body);
    return true;
  };
  const transport = createTransport({ online: true, timeoutMs: 2000, retries: 0, userAgent: "test" });
  return {
    transport,
    directory: folder.path,
    serve: (served: TufFiles) => {
      files = served;
    },
    refresh: (by: Transport = transport, pinnedRoot: Uint8Array = repository.root) =>
      refreshTrustedRoot({
        transport: by,
        mirror: new URL(`${index.origin}/tuf`),
        pinnedRoot,
        directory: folder.path,
      }),
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await index[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

test("refreshTrustedRoot() stores the target, and a newer one in its place", async () => {
  await using scene = await setScene();
  scene.serve(repository.publish({ version: 1, target: older }));
  assert.equal((await scene.refresh()).isNew, true);
  assert.equal((await scene.refresh()).isNew, false);
  scene.serve(repository.publish({ version: 2, target: newer }));
  assert.equal((await scene.refresh()).isNew, true);
  assert.equal(await readStoredRoot(scene.directory), newer.toString());
});

test("refreshTrustedRoot() forgets a root to begin with that leads nowhere", async () => {
  await using scene = await setScene();
  scene.serve(repository.publish({ version: 1, target: older }));
  for (const wrong of [Buffer.from("no JSON"), Buffer.from("{}"), createTufRepository().root])
    await assert.rejects(scene.refresh(scene.transport, wrong), { code: "trust-update-refused" });
  assert.equal((await scene.refresh()).isNew, true);
});

test("refreshTrustedRoot() refuses roll-back, expired and foreign metadata, and a target that is other than signed", async () => {
  const stranger = createTufRepository();
  const refused: [what: string, files: TufFiles][] = [
    ["roll-back", repository.publish({ version: 1, target: older })],
    ["expired", repository.publish({ version: 3, target: newer, expires: "2020-01-01T00:00:00Z" })],
    ["foreign", stranger.publish({ version: 3, target: newer })],
    ["bent", new Map([...repository.publish({ version: 3, target: older }), ["targets/trusted_root.json", newer]])],
    ["no trusted root", repository.publish({ version: 3, target: Buffer.from("{}") })],
  ];
  for (const [what, files] of refused) {
    await using scene = await setScene();
    scene.serve(repository.publish({ version: 2, target: older }));
    await scene.refresh();
    scene.serve(files);
    await assert.rejects(scene.refresh(), { name: "TrustError" }, what);
    assert.equal(
      readFileSync(trustedRootPath(scene.directory), "utf8"),
      older.toString(),
      `${what}: the stored root stays`,
    );
  }
});

test("refreshTrustedRoot() opens no connection when it must not, and says so", async () => {
  await using scene = await setScene();
  await using offline = createTransport({ online: false, timeoutMs: 2000, retries: 0, userAgent: "test" });
  await assert.rejects(scene.refresh(offline), { code: "offline" });
  assert.equal(await readStoredRoot(scene.directory), undefined);
});
