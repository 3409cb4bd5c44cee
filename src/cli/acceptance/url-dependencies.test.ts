import assert from "node:assert/strict";
import { test } from "node:test";
import { makeWheel, type WheelDescription } from "../../testing/make-wheel.ts";
import { type Scene, setScene } from "../../testing/scene.ts";

/** A dependency that is named by URL is fetched by the installer itself, around the gate that it stands behind. */

const fetchFiles = `
const page = process.env.PIP_INDEX_URL + "demo/";
for (const [ending, kind] of [[".metadata", "METADATA"], ["", "file"]]) {
  const response = await fetch(new URL("../../files/demo/demo-1.0-py3-none-any.whl" + ending, page));
  console.log(kind, response.status);
}
`;

const byUrl = "Requires-Dist: evil @ https://evil.example/evil-1.0-py3-none-any.whl";
const head = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n";

async function run(wheel: Partial<WheelDescription>, coreMetadata?: string) {
  await using scene: Scene = await setScene();
  scene.write("fetch.mjs", fetchFiles);
  scene.index.add({
    ...makeWheel({ name: "demo", version: "1.0", ...wheel }),
    ...(coreMetadata !== undefined && { coreMetadata }),
  });
  return await scene.tspipWith({ HOME: scene.folder }, "run", "--", process.execPath, "fetch.mjs");
}

const served: Readonly<Record<string, string>> = {
  "as it is": `${head}${byUrl}\n\nDescription`,
  "after a carriage return": `${head}Summary: x\r${byUrl}\r\r`,
  "on two lines, in small letters": `${head}requires-dist: evil[extra]\n  @ https://evil.example/evil-1.0.zip ; extra == "x"\n`,
};

for (const [what, metadata] of Object.entries(served)) {
  test(`run: METADATA of the index that asks for a URL is not passed on, ${what}`, async () => {
    const { exitCode, stdout, stderr } = await run({}, metadata);
    assert.equal(stdout, "METADATA 403\nfile 403\n", stderr);
    assert.equal(exitCode, 1);
    assert.match(stderr, /error\[dependency-by-url\] "demo-1\.0-py3-none-any\.whl" asks for "evil/);
  });
}

test("run: a wheel that asks for a URL is refused, whatever the index says of it", async () => {
  const { exitCode, stdout, stderr } = await run({ metadata: [byUrl] }, head);
  assert.equal(stdout, "METADATA 200\nfile 403\n", stderr);
  assert.equal(exitCode, 1);
  assert.match(stderr, /error\[dependency-by-url\]/);
});

test("run: a wheel that is named by path and asks for a URL is refused before the command starts", async () => {
  await using scene = await setScene();
  const wheel = makeWheel({ name: "demo", version: "1.0", metadata: [byUrl] });
  scene.write(wheel.filename, wheel.bytes);
  const argv = ["run", "--", "pip", "install", `./${wheel.filename}`];
  const { exitCode, stderr } = await scene.tspipWith({ HOME: scene.folder }, ...argv);
  assert.equal(exitCode, 1, stderr);
  assert.match(stderr, /error\[dependency-by-url\]/);
});

test("run: dependencies by name, and URLs in a description, are nobody's way around", async () => {
  const harmless = "Requires-Dist: other>=1; python_version > '3'\n\nRequires-Dist: x @ https://example.org/\n";
  const { exitCode, stdout, stderr } = await run({ metadata: ["Requires-Dist: other>=1"] }, head + harmless);
  assert.equal(stdout, "METADATA 200\nfile 200\n", stderr);
  assert.equal(exitCode, 0);
});
