import assert from "node:assert/strict";
import { test } from "node:test";
import { makeWheel } from "../../testing/make-wheel.ts";
import { provenanceOf, type Scene, setScene } from "../../testing/scene.ts";

/** What is compared with earlier releases: all files, wherever they come from and whoever asks for them. */

const fetchFile = `
const index = process.env.PIP_INDEX_URL;
const page = await (await fetch(index + "demo/", { headers: { accept: "application/vnd.pypi.simple.v1+json" } })).json();
for (const { url, filename } of page.files) console.log(filename.split("-")[1], (await fetch(new URL(url, index + "demo/"))).status);
`;

const publisher = { kind: "github", repository: "acme/alice", workflow: "release.yml", ref: "refs/tags/v1" } as const;

/** An index with one attested release, `demo` 1.0. */
async function sceneWithAttested(): Promise<Scene> {
  const scene = await setScene();
  scene.write("policy.toml", 'version = 1\n[default]\nattestation = "no-downgrade"\n');
  const attested = makeWheel({ name: "demo", version: "1.0" });
  scene.index.add({ ...attested, provenance: provenanceOf(attested, publisher) });
  return scene;
}

test("run refuses a release without attestation where an earlier one has one, each time", async () => {
  await using scene = await sceneWithAttested();
  scene.write("fetch.mjs", fetchFile);
  scene.offer({ name: "demo", version: "1.1" }, { provenance: null });
  for (const more of [[], [], ["--no-cache-dir"]]) {
    const argv = ["run", "--policy", "policy.toml", ...more, "--", process.execPath, "fetch.mjs"];
    const { exitCode, stdout, stderr } = await scene.tspipWith({ HOME: scene.folder }, ...argv);
    assert.equal(stdout, "1.0 200\n1.1 403\n", stderr);
    assert.equal(exitCode, 1);
    assert.match(stderr, /error\[attestation-lost\]/);
  }
});

for (const version of ["1.1", "1.0"]) {
  const wheel = makeWheel({ name: "demo", version, files: { "demo/other.py": "" } });
  const elsewhere = {
    "a URL": async (scene: Scene) => [`demo @ ${scene.index.origin}/other/${wheel.filename}`],
    "a path": async () => [`links/${wheel.filename}`],
    "--find-links": async () => [`demo==${version}`, "--find-links", "links"],
  };
  for (const [place, words] of Object.entries(elsewhere)) {
    // Where the index has the same file, that is the one that is taken.
    if (place === "--find-links" && version === "1.0") continue;
    test(`a file of ${version} from ${place} has to be attested where a release on the index is`, async () => {
      await using scene = await sceneWithAttested();
      scene.write(`links/${wheel.filename}`, wheel.bytes);
      scene.index.fault = ({ url }, response) => {
        if (!url?.startsWith("/other/")) return false;
        response.end(wheel.bytes);
        return true;
      };
      const argv = ["verify", "--policy", "policy.toml", "--no-deps", ...(await words(scene))];
      const { exitCode, stdout, stderr } = await scene.tspip(...argv);
      assert.equal(exitCode, 1, stdout + stderr);
      assert.match(stdout, /error\[attestation-lost\].*release 1\.0 is attested/s);
    });
  }
}

test("a file beside the index is open while the index cannot say what earlier releases had", async () => {
  await using scene = await sceneWithAttested();
  const wheel = scene.offer({ name: "demo", version: "1.1" });
  scene.write(wheel.filename, wheel.bytes);
  const verify = ["verify", "--policy", "policy.toml", "--no-deps", wheel.filename];
  const offline = await scene.tspip(...verify, "--offline");
  assert.equal(offline.exitCode, 3, offline.stdout + offline.stderr);
  scene.index.fault = (_, response) => response.writeHead(500).end() !== undefined;
  assert.equal((await scene.tspip(...verify)).exitCode, 3);
  // Whoever names no index knows of no earlier release.
  const alone = await scene.tspipAlone(...verify, "--no-index", "--trusted-root", "root.json");
  assert.equal(alone.exitCode, 0, alone.stdout + alone.stderr);
});
