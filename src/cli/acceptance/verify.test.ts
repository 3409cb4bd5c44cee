import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { setScene } from "../../testing/command-scene.ts";
import { type MadeWheel, makeWheel } from "../../testing/make-wheel.ts";
import { provenanceOf as provenanceBy, python, requireAlice } from "../../testing/scene.ts";
import { temporaryFolder } from "../../testing/tree.ts";
import type { TestPublisher } from "../../testing/trusted-publishers.ts";
import { typeCommand } from "../../testing/type-command.ts";
import type { Report } from "../report/report.ts";

/** `tspip verify`, and what every command has in common: mistakes, absence, text from outside, no connection. */

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};

const alice: TestPublisher = { kind: "github", repository: "acme/alice", workflow: "release.yml", ref: "refs/tags/v1" };

function provenanceOf(wheel: MadeWheel): string {
  return provenanceBy(wheel, alice);
}

const good = makeWheel();

test("verify: what could not be had is undecided (exit 3), and not asked for where the policy has no use for it", async () => {
  await using scene = await setScene();
  scene.index.add({ ...good, provenance: provenanceOf(good) });
  scene.index.fault = ({ url }, response) => {
    if (!url?.startsWith("/integrity/")) return false;
    response.writeHead(500).end();
    return true;
  };
  const broken = await scene.tspip("verify", "example==1.0");
  assert.equal(broken.exitCode, 3, broken.stdout);
  assert.match(broken.stdout, /error\[evidence-unavailable\]/);
  scene.write("ignore.toml", 'version = 1\n[default]\nattestation = "ignore"\n');
  assert.equal((await scene.tspip("verify", "example==1.0", "--policy", "ignore.toml")).exitCode, 0);
});

test("verify: the kinds of absence are told apart", async () => {
  const words: [provenance: string | null | undefined, absence: string][] = [
    [null, "none"],
    [undefined, "unknown"],
    ['{"version":1,"attestation_bundles":[]}', "empty"],
  ];
  for (const [provenance, absence] of words) {
    await using scene = await setScene();
    scene.index.add({ ...good, ...(provenance !== undefined && { provenance }) });
    const { stdout } = await scene.tspip("verify", "example==1.0", "--format", "json");
    const evidence = (JSON.parse(stdout) as Report).artifacts[0]?.evidence.find(({ kind }) => kind === "attestation");
    assert.equal(evidence?.absence, absence, stdout);
  }
});

test("verify: HTML pages do as well as JSON ones", async () => {
  for (const format of ["json", "html"] as const) {
    await using scene = await setScene();
    scene.index.format = format;
    scene.index.add({ ...good, provenance: provenanceOf(good) });
    scene.write("policy.toml", requireAlice);
    const { exitCode, stdout } = await scene.tspip("verify", "example==1.0", "--policy", "policy.toml");
    assert.equal(exitCode, 0, stdout);
  }
});

test("verify: the report is valid against its schema", async () => {
  await using scene = await setScene();
  scene.index.add({ ...good, provenance: provenanceOf(good) });
  const file = scene.write("broken-1.0-py3-none-any.whl", "no archive");
  const { stdout } = await scene.tspip("verify", "example==1.0", file, "--format", "json", "--explain");
  const schema = JSON.parse(readFileSync(new URL("../../../docs/report.schema.json", import.meta.url), "utf8"));
  const validate = new Ajv2020().compile(schema);
  assert.ok(validate(JSON.parse(stdout)), JSON.stringify(validate.errors));
});

test(
  "verify: a finding is told at the line that asks for the artifact, in every format at once",
  needsPython,
  async () => {
    await using scene = await setScene();
    scene.index.add({ ...good, provenance: null });
    scene.write("policy.toml", requireAlice);
    scene.write("requirements.txt", "# what we need\n\nexample==1.0\n");
    const files = ["sarif=r.sarif", "junit=r.xml", "github=r.txt", "html=r.html", "json=r.json"];
    const formats = files.flatMap((format) => ["--format", format]);
    const { exitCode, stdout } = await scene.tspip(
      "verify",
      "-r",
      "requirements.txt",
      "--policy",
      "policy.toml",
      ...formats,
    );
    assert.equal(exitCode, 1);
    assert.match(stdout, /error\[attestation-absent\]/);
    const read = (name: string) => readFileSync(join(scene.folder, name), "utf8");
    assert.deepEqual((JSON.parse(read("r.json")) as Report).artifacts[0]?.place, { file: "requirements.txt", line: 3 });
    assert.deepEqual(JSON.parse(read("r.sarif")).runs[0].results[0].locations[0].physicalLocation, {
      artifactLocation: { uri: "requirements.txt", uriBaseId: "SRCROOT" },
      region: { startLine: 3 },
    });
    assert.match(
      read("r.xml"),
      /classname="example" name="example-1\.0-py3-none-any\.whl" file="requirements\.txt" line="3"/,
    );
    assert.match(
      read("r.txt"),
      /^::error file=requirements\.txt,line=3,title=No attestation \(attestation-absent\)::/m,
    );
    assert.match(read("r.html"), /requirements\.txt, line 3/);
  },
);

test("usage: mistakes are said before anything is asked, with exit 2", async () => {
  await using scene = await setScene();
  scene.write("policy.toml", "version = 1\n[defualt]\n");
  const mistakes: [argv: string[], words: RegExp][] = [
    [["example==1.0", "--policy", "policy.toml"], /policy\.toml:2:\d+.*defualt[\s\S]*default/],
    [["example==1.0", "--policy", "absent.toml"], /Cannot read the policy "absent\.toml"/],
    [["-r", "absent.txt"], /Cannot read "absent\.txt"/],
    [[], /Nothing to do/],
    [["example==1.0", "--format", "yaml"], /"yaml" is not a format/],
    [["example==1.0", "--fromat", "json"], /unknown option '--fromat'[\s\S]*--format/],
    [["exa mple"], /"exa mple" is not a requirement/],
    [["-r", scene.write("bad.txt", "good==1.0\n-e ./thing\n")], /bad\.txt:2: --editable is refused/],
  ];
  for (const [argv, words] of mistakes) {
    const { exitCode, stdout, stderr } = await scene.tspip("verify", ...argv);
    assert.equal(exitCode, 2, stderr);
    assert.match(stderr, words);
    assert.equal(stdout, "");
  }
  assert.deepEqual(scene.index.requests, []);
});

test("what cannot be found is said: version, project, wheel for this interpreter, pin", needsPython, async () => {
  await using scene = await setScene();
  scene.index.add(good);
  scene.index.add(makeWheel({ name: "elsewhere", tag: "cp27-cp27mu-win_amd64" }));
  const answers: [requirement: string, words: RegExp][] = [
    ["example==9.9", /no file for "example==9\.9"[\s\S]*hint: Newest versions there: 1\.0/],
    ["absent==1.0", /no index has a file of the project "absent"/],
    ["elsewhere==1.0", /no tag of it fits the interpreter/],
  ];
  for (const [requirement, words] of answers) {
    const { exitCode, stderr } = await scene.tspip("verify", requirement);
    assert.equal(exitCode, 2);
    assert.match(stderr, words);
  }
});

test("nothing from outside reaches the terminal unescaped", async () => {
  await using scene = await setScene();
  scene.index.add({ ...good, yanked: "see \u001b[31mred\u001b[0m \u202emoc.live" });
  const { stdout, stderr } = await scene.tspip("verify", "example==1.0");
  assert.match(stdout, /warning\[yanked\].*see \\u\{1b\}\[31mred/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  assert.doesNotMatch(stdout + stderr, /[\u001b\u202e]/);
});

test("--offline opens no connection", async () => {
  await using scene = await setScene();
  scene.index.add(good);
  const { exitCode, stderr } = await scene.tspip("verify", "example==1.0", "--offline");
  assert.equal(exitCode, 3);
  assert.match(stderr, /--offline opens no connection/);
  assert.deepEqual(scene.index.requests, []);
});

test("a real attestation verifies against the public root, offline", async (context: TestContext) => {
  const file = new URL(
    "../../../testdata/real/circleci_sign_publish_example-0.0.1.dev137-py3-none-any.whl",
    import.meta.url,
  ).pathname;
  using folder = temporaryFolder();
  const { exitCode, stdout } = await typeCommand(folder.path, ["verify", file, "--offline", "--explain"]);
  context.diagnostic(stdout.split("\n")[1] ?? "");
  assert.equal(exitCode, 0, stdout);
  assert.match(stdout, /checkpoint rekor\.sigstore\.dev/);
});
