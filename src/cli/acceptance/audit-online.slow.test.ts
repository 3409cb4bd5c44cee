import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { hash } from "node:crypto";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { provenanceBy, requireAlice, type Scene, setScene } from "../../testing/command-scene.ts";
import { makeWheel, type WheelDescription } from "../../testing/make-wheel.ts";
import { formatRecord, parseRecord } from "../../wheel/record.ts";
import type { Report } from "../report/report.ts";

const skip = spawnSync("python3", ["--version"]).status === 0 ? false : "no python3 on PATH";
const wheel = makeWheel();
const offer = { ...wheel, provenance: provenanceBy("acme/alice", wheel) };
/** An environment with `example`, as it was installed from the scene's index. */
async function installed(from: WheelDescription & { readonly isReceiptLost?: boolean } = {}): Promise<Scene> {
  const scene = await setScene({ PATH: process.env.PATH });
  scene.index.add(offer);
  scene.write("alice.toml", requireAlice);
  scene.write("other.toml", requireAlice.replaceAll("acme/alice", "acme/bob"));
  const { exitCode, stderr } = await scene.tspip("install", "example==1.0", "--venv", "env", "--policy", "alice.toml");
  assert.equal(exitCode, 0, stderr);
  if (from.isReceiptLost) {
    const info = distInfo(scene);
    rmSync(join(info, "tspip.json"));
    const rows = parseRecord(readFileSync(join(info, "RECORD"), "utf8"));
    writeFileSync(join(info, "RECORD"), formatRecord(rows.filter(({ path }) => !path.endsWith("tspip.json"))));
  }
  return scene;
}

function distInfo({ folder }: Scene): string {
  const [library = ""] = readdirSync(join(folder, "env/lib"));
  return join(folder, "env/lib", library, "site-packages/example-1.0.dist-info");
}

async function audit(scene: Scene, ...argv: string[]) {
  const before = scene.index.requests.length;
  const { exitCode, stdout, stderr } = await scene.tspip("audit", "--venv", "env", "--format", "json", ...argv);
  assert.match(stdout, /^\{/, stderr);
  const { artifacts, findings }: Report = JSON.parse(stdout);
  const all = [...findings, ...artifacts.flatMap((artifact) => artifact.findings)];
  const ids = all.map(({ id, severity }) => `${severity} ${id}`).filter((id) => !id.endsWith("receipt-absent"));
  return { exitCode, ids, messages: all.map(({ message }) => message), requests: scene.index.requests.slice(before) };
}

test("audit asks nobody unless it is told to", { skip }, async () => {
  await using scene = await installed();
  const { exitCode, ids, requests } = await audit(scene);
  assert.deepEqual({ exitCode, ids, requests }, { exitCode: 0, ids: [], requests: [] });
});

test("audit --online: nothing has changed, and no bytes are asked for", { skip }, async () => {
  await using scene = await installed();
  const { exitCode, ids, requests } = await audit(scene, "--online");
  assert.deepEqual({ exitCode, ids }, { exitCode: 0, ids: [] });
  assert.ok(requests.every((request) => !request.includes("/files/")));
});

test("audit --online: yanked, quarantined, gone, replaced", { skip }, async () => {
  await using scene = await installed();
  scene.index.add({ ...offer, yanked: "broken" });
  assert.deepEqual((await audit(scene, "--online")).ids, ["warning yanked"]);
  scene.index.add({ ...offer, hashes: { sha256: "0".repeat(64) } });
  assert.ok((await audit(scene, "--online")).ids.includes("error artifact-replaced"));
  scene.index.add(offer);
  scene.index.mark("example", "quarantined", "under review");
  assert.ok((await audit(scene, "--online")).ids.includes("error project-quarantined"));

  await using other = await installed();
  other.index.fault = ({ url }, response) => {
    if (!url?.startsWith("/simple/")) return false;
    response.writeHead(200, { "content-type": "application/vnd.pypi.simple.v1+json" });
    response.end(JSON.stringify({ meta: { "api-version": "1.0" }, name: "example", files: [] }));
    return true;
  };
  assert.deepEqual((await audit(other, "--online")).ids, ["warning artifact-gone"]);
});

test("audit --online: provenance that is lost, or by others than before", { skip }, async () => {
  await using scene = await installed();
  scene.index.add({ ...offer, provenance: null });
  const lost = await audit(scene, "--online");
  assert.deepEqual([lost.exitCode, lost.ids], [1, ["error provenance-lost"]]);
  scene.index.add({ ...offer, provenance: provenanceBy("acme/bob", wheel) });
  const changed = await audit(scene, "--online");
  assert.deepEqual([changed.exitCode, changed.ids], [1, ["error provenance-changed"]]);
});

test("audit --online: an index that does not answer is no all-clear", { skip }, async () => {
  await using scene = await installed();
  assert.deepEqual((await audit(scene, "--online", "--offline")).ids, ["warning evidence-unavailable"]);
});

test("audit --policy: the environment is judged as verify would", { skip }, async () => {
  await using scene = await installed();
  assert.deepEqual(await audit(scene, "--policy", "alice.toml").then(({ exitCode, ids }) => [exitCode, ids]), [0, []]);
  const refused = await audit(scene, "--policy", "other.toml");
  assert.deepEqual([refused.exitCode, refused.ids], [1, ["error signer-mismatch"]]);
  assert.equal((await audit(scene, "--policy", "alice.toml", "--offline")).exitCode, 3);
});

test("audit --online: without a receipt the artifact is found by its tags, and by --deep for sure", {
  skip,
}, async () => {
  await using scene = await installed({ isReceiptLost: true });
  const likely = await audit(scene, "--online");
  assert.deepEqual(likely.ids, ["note artifact-recovered"]);
  assert.match(
    likely.messages.join("\n"),
    /files of its RECORD are those that are installed \(as read by range requests/,
  );
  assert.deepEqual(likely.requests.filter((request) => request.includes("/files/")).length, 1);
  const sure = await audit(scene, "--online", "--deep");
  assert.deepEqual(sure.ids, ["note artifact-recovered"]);
  assert.match(
    sure.messages.join("\n"),
    /all \d+ files of its RECORD are those that are installed \(the archive itself was hashed\)/,
  );
});

test("audit --online: an index that gives no parts of files is believed by its tags", { skip }, async () => {
  await using scene = await installed({ isReceiptLost: true });
  scene.index.fault = ({ headers }) => {
    headers.range = undefined;
    return false;
  };
  const { ids, messages } = await audit(scene, "--online");
  assert.deepEqual(ids, ["note artifact-recovered"]);
  assert.match(messages.join("\n"), /likely from "example-1\.0-py3-none-any\.whl", the only file with its tags/);
});

for (const isReceiptLost of [true, false]) {
  test(`audit --deep: RECORD was made to cover up a change, receipt ${isReceiptLost ? "gone" : "there"}`, {
    skip,
  }, async () => {
    await using scene = await installed({ isReceiptLost });
    const info = distInfo(scene);
    const rows = parseRecord(readFileSync(join(info, "RECORD"), "utf8"));
    const module = rows.find(({ path }) => path.endsWith(".py"));
    assert.ok(module);
    appendFileSync(join(info, "..", module.path), "# evil\n");
    const digest = hash("sha256", readFileSync(join(info, "..", module.path)), "base64url");
    writeFileSync(
      join(info, "RECORD"),
      formatRecord(
        rows.map((row) => (row === module ? { path: row.path, hash: { algorithm: "sha256", digest } } : row)),
      ),
    );
    assert.deepEqual((await audit(scene)).ids, []);
    if (isReceiptLost) assert.ok((await audit(scene, "--online")).ids.includes("error artifact-differs"));
    const { exitCode, ids } = await audit(scene, "--online", "--deep");
    assert.deepEqual([exitCode, ids], [1, ["error artifact-differs"]]);
  });
}

test("audit --deep: RECORD was made to list files that are not the archive's", { skip }, async () => {
  for (const added of ["example_evil.py", "../../../bin/json.py", "evil.pyc", "__pycache__x/a.pyc"]) {
    await using scene = await installed({ isReceiptLost: true });
    const info = distInfo(scene);
    const path = join(info, "..", added);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "evil\n");
    const digest = hash("sha256", "evil\n", "base64url");
    appendFileSync(join(info, "RECORD"), `${added},sha256=${digest},5\n`);
    for (const deep of [[], ["--deep"]]) {
      const { exitCode, ids, messages } = await audit(scene, "--online", ...deep);
      assert.deepEqual([exitCode, ids.includes("error artifact-differs")], [1, true], `${added} ${ids}`);
      assert.ok(messages.some((message) => message.includes(`differ, as "${added}"`)));
    }
  }
});

test("audit --deep: what installers add to RECORD is no difference", { skip }, async () => {
  await using scene = await installed({ isReceiptLost: true });
  const info = distInfo(scene);
  const rows = ["REQUESTED", "direct_url.json", "uv_cache.json"].map((name) => `example-1.0.dist-info/${name},,`);
  appendFileSync(join(info, "RECORD"), [...rows, "__pycache__/example.cpython-313.pyc,,", ""].join("\n"));
  for (const name of ["REQUESTED", "uv_cache.json"]) writeFileSync(join(info, name), "");
  const { ids } = await audit(scene, "--online", "--deep");
  assert.ok(ids.includes("note artifact-recovered"), ids.join());
});
