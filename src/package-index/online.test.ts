import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { normalizeProjectName } from "../distribution/project-name.ts";
import { temporaryFolder } from "../testing/tree.ts";
import { createIndexClient } from "./client.ts";
import { indexSettings } from "./settings.ts";
import { createTransport } from "./transport.ts";

/** Against the real index, with the settings pip would use. Off by default: TSPIP_ONLINE=1 turns it on. */
const online = process.env.TSPIP_ONLINE === "1" ? {} : { skip: "set TSPIP_ONLINE=1 to ask the real index" };

function openIndex() {
  const given = { extraIndexUrl: [], findLinks: [], noIndex: false };
  const { indexes, cert, credentials } = indexSettings(given, process.env, [], process.cwd());
  const transport = createTransport({
    online: true,
    timeoutMs: 30_000,
    retries: 2,
    credentials,
    userAgent: "tspip/test",
    ...(cert !== undefined && { ca: readFileSync(cert, "utf8") }),
  });
  const client = createIndexClient({ transport, indexes, findLinks: [], warn: (message) => assert.fail(message) });
  return { client, [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose]() };
}

test("the real index lists and gives out what it promises", online, async () => {
  await using index = openIndex();
  using folder = temporaryFolder();
  const names = ["requests", "numpy", "pip"].map(normalizeProjectName);
  const pages = (await Promise.all(names.map((name) => index.client.files(name)))).flat();
  assert.equal(pages.length, names.length);
  for (const page of pages) {
    assert.ok(page.files.length > 50);
    assert.ok(page.files.every(({ digests }) => digests.sha256 !== undefined));
  }
  const ref = pages[0]?.files.find(({ filename }) => filename.text === "requests-2.32.3-py3-none-any.whl");
  assert.ok(ref !== undefined);
  const artifact = await index.client.download(ref, () => folder.path);
  assert.equal(artifact.digests.sha256, ref.digests.sha256);
  assert.ok(artifact.size > 50_000);
  await artifact.close();
});

test("the real index does not know what there is not", online, async () => {
  await using index = openIndex();
  assert.deepEqual(await index.client.files(normalizeProjectName("tspip-no-such-project-0")), []);
});
