import assert from "node:assert/strict";
import { test } from "node:test";
import { makeWheel } from "../testing/make-wheel.ts";
import { provenanceOf, setScene } from "../testing/scene.ts";

/** What an installer behind the gate asks for is compared with earlier releases as well. */

const fetchFile = `
const index = process.env.PIP_INDEX_URL;
const page = await (await fetch(index + "demo/", { headers: { accept: "application/vnd.pypi.simple.v1+json" } })).json();
for (const { url, filename } of page.files) console.log(filename.split("-")[1], (await fetch(new URL(url, index + "demo/"))).status);
`;

test("run refuses a release without attestation where an earlier one has one, each time", async () => {
  await using scene = await setScene();
  scene.write("fetch.mjs", fetchFile);
  scene.write("policy.toml", 'version = 1\n[default]\nattestation = "no-downgrade"\n');
  const attested = makeWheel({ name: "demo", version: "1.0" });
  const publisher = { kind: "github", repository: "acme/alice", workflow: "release.yml", ref: "refs/tags/v1" } as const;
  scene.index.add({ ...attested, provenance: provenanceOf(attested, publisher) });
  scene.offer({ name: "demo", version: "1.1" }, { provenance: null });
  for (const more of [[], [], ["--no-cache-dir"]]) {
    const argv = ["run", "--policy", "policy.toml", ...more, "--", process.execPath, "fetch.mjs"];
    const { exitCode, stdout, stderr } = await scene.tspipWith({ HOME: scene.folder }, ...argv);
    assert.equal(stdout, "1.0 200\n1.1 403\n", stderr);
    assert.equal(exitCode, 1);
    assert.match(stderr, /error\[attestation-lost\]/);
  }
});
