import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { provenanceBy, type Scene, setScene } from "../../testing/command-scene.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import type { Report } from "../report/report.ts";

/** `tspip verify --report-coverage`: what is attested, and what will be refused. */

const needsPython = spawnSync("python3", ["--version"]).status === 0 ? {} : { skip: "there is no python3 on PATH" };
const alpha = makeWheel({ name: "alpha" });
const beta = makeWheel({ name: "beta" });
const gamma = makeWheel({ name: "gamma" });

/** Two of three projects are attested, by one signer. */
async function sceneOfThree(policy: string): Promise<Scene> {
  const scene = await setScene();
  scene.index.add({ ...alpha, provenance: provenanceBy("acme/mono", alpha) });
  scene.index.add({ ...beta, provenance: provenanceBy("acme/mono", beta) });
  scene.index.add({ ...gamma, provenance: null });
  scene.write("requirements.txt", "alpha==1.0\nbeta==1.0\ngamma==1.0\n");
  scene.write("policy.toml", `version = 1\n${policy}`);
  return scene;
}

const asked = ["-r", "requirements.txt", "--policy", "policy.toml", "--report-coverage"];
const soon = '[default]\nmode = "warn"\nenforce-after = 2999-01-01\nattestation = "require"\n';

test("verify --report-coverage: how much is attested, by whom, and what would fail then", needsPython, async () => {
  await using scene = await sceneOfThree(soon);
  const { exitCode, stdout } = await scene.tspip("verify", ...asked);
  assert.equal(exitCode, 0, "the verdict is that of today");
  assert.match(
    stdout,
    /^Coverage 2 of 3 artifacts attested \(66 %\); all files of 2 of 3 projects\n {3}published by GitHub acme\/mono release\.yml: 2 artifacts\n {3}gamma-1\.0-py3-none-any\.whl: not attested\nUpcoming rule "default" is enforced from 2999-01-01 on and would refuse 1 artifact\n {3}gamma-1\.0-py3-none-any\.whl\n {6}error\[attestation-absent\] Cannot admit "gamma/m,
  );
  assert.doesNotMatch((await scene.tspip("verify", ...asked.slice(0, -1))).stdout, /Coverage/);
});

test(
  "verify --report-coverage in JSON is valid against the schema, and the other formats have it",
  needsPython,
  async () => {
    await using scene = await sceneOfThree(soon);
    const formats = [
      "--format",
      "json",
      "--format",
      "html=r.html",
      "--format",
      "github=r.txt",
      "--format",
      "junit=r.xml",
    ];
    const report: Report = JSON.parse((await scene.tspip("verify", ...asked, ...formats)).stdout);
    const schema = JSON.parse(readFileSync(new URL("../../../docs/report.schema.json", import.meta.url), "utf8"));
    const validate = new Ajv2020().compile(schema);
    assert.ok(validate(report), JSON.stringify(validate.errors));
    const { artifacts, projects, signers, unattested, upcoming } = report.coverage ?? assert.fail("no coverage");
    assert.deepEqual(artifacts, { total: 3, attested: 2, unattested: 1, unknown: 0 });
    assert.deepEqual(projects, { total: 3, attested: 2 });
    assert.deepEqual(signers, [{ signer: "GitHub acme/mono release.yml", predicate: "publish", artifacts: 2 }]);
    assert.deepEqual(unattested, [{ filename: gamma.filename, state: "unattested" }]);
    assert.deepEqual(
      upcoming.map(({ rule, from, artifacts }) => [rule, from, artifacts.map(({ filename }) => filename)]),
      [["default", "2999-01-01", [gamma.filename]]],
    );
    assert.match(scene.read("r.html"), /<h2>Coverage<\/h2>\n<p>2 of 3 artifacts attested/);
  },
);

test("verify --report-coverage looks also where the policy ignores attestations", needsPython, async () => {
  await using scene = await sceneOfThree('[default]\nattestation = "ignore"\n');
  const { exitCode, stdout } = await scene.tspip("verify", ...asked);
  assert.equal(exitCode, 0);
  assert.match(stdout, /^Coverage 2 of 3/m);
  assert.doesNotMatch(stdout, /^Upcoming/m, "no rule warns");

  scene.index.fault = ({ url = "" }, response) => {
    if (!url.includes("/integrity/beta")) return false;
    response.writeHead(500).end();
    return true;
  };
  assert.match(
    (await scene.tspip("verify", ...asked)).stdout,
    /1 of 3 artifacts attested \(33 %\), of 1 it is not known/,
  );
});

test("verify --report-coverage never says 0 after a refusal", needsPython, async () => {
  await using scene = await sceneOfThree('[default]\nattestation = "require"\n');
  const { exitCode, stdout } = await scene.tspip("verify", ...asked);
  assert.equal(exitCode, 1);
  assert.match(stdout, /^Coverage 2 of 3/m);
});
