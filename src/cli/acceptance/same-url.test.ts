import assert from "node:assert/strict";
import { test } from "node:test";
import { makeWheel } from "../../testing/make-wheel.ts";
import { setScene } from "../../testing/scene.ts";

/** Two files of an index that lead to the same bytes, of which one is called as they are. */
async function setPage() {
  const scene = await setScene();
  const { filename, bytes, sha256 } = makeWheel({ name: "demo", version: "1.0" });
  scene.index.add({ filename, bytes });
  const names = [filename, "demo-9.9-py3-none-any.whl"];
  const files = names.map((name) => ({ filename: name, url: `/files/${filename}`, hashes: { sha256 } }));
  const page = JSON.stringify({ meta: { "api-version": "1.4" }, files });
  scene.index.fault = ({ url }, response) => {
    if (url !== "/simple/demo/") return false;
    response.setHeader("content-type", "application/vnd.pypi.simple.v1+json").end(page);
    return true;
  };
  const fetchBoth = (asked: readonly string[]) => {
    const fetching = `
      const folder = process.env.PIP_INDEX_URL + "../files/demo/";
      for (const name of ${JSON.stringify(asked)}) console.log((await fetch(folder + name)).status);`;
    scene.write("fetch.mjs", fetching);
    return scene.tspip("run", "--", process.execPath, "fetch.mjs");
  };
  return { scene, names, fetchBoth };
}

test("a file is judged by its own name, also where another one of the same URL was judged before", async () => {
  const { scene, names, fetchBoth } = await setPage();
  await using _ = scene;
  for (const [asked, statuses] of [
    [names, "200\n403\n"],
    [names.toReversed(), "403\n200\n"],
  ] as const) {
    const { exitCode, stdout, stderr } = await fetchBoth(asked);
    assert.equal(stdout, statuses, stderr);
    assert.match(stderr, /error\[wheel-identity-mismatch\]/);
    assert.match(stderr, /Refused 1 of 2 artifacts/);
    assert.equal(exitCode, 1);
  }
});

test("an inspector is asked about each name of a URL", async () => {
  const { scene, names, fetchBoth } = await setPage();
  await using _ = scene;
  const inspector = `
    export const plugin_type = () => "dist-inspector";
    export function pre_download(url, { filename }) {
      if (filename === "${names[0]}") throw Object.assign(new Error("not this one"), { name: "InspectionRefused" });
    }`;
  scene.write("deny.mjs", inspector);
  scene.write("tspip.toml", '[[inspector]]\nname = "deny"\nmodule = "./deny.mjs"\n');
  const { stdout, stderr } = await fetchBoth(names.toReversed());
  assert.equal(stdout, "403\n403\n", stderr);
  assert.match(stderr, /error\[inspector-refused\].*not this one/);
});
