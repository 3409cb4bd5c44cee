import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { type FakeIndex, startFakeIndex } from "../testing/fake-index.ts";
import { type MadeWheel, makeWheel } from "../testing/make-wheel.ts";
import { createSigningAuthority } from "../testing/signing-authority.ts";
import { temporaryFolder } from "../testing/tree.ts";
import type { TestPublisher } from "../testing/trusted-publishers.ts";
import type { Report, ReportedArtifact } from "./report.ts";
import { run } from "./run.ts";

/** What a policy says, from the words that a user types to the exit code, against an index on loopback. */

const now = new Date();
const authority = createSigningAuthority();
const alice: TestPublisher = { kind: "github", repository: "acme/alice", workflow: "release.yml", ref: "refs/tags/v1" };

interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Scene extends AsyncDisposable {
  readonly folder: string;
  readonly index: FakeIndex;
  write(name: string, content: string): void;
  tspip(...argv: string[]): Promise<Answer>;
  /** `verify REQUIREMENTS…` under `policy.toml`: the exit code, and what the report says of the first artifact. */
  verify(...argv: string[]): Promise<{ exitCode: number; artifact: ReportedArtifact; report: Report }>;
}

async function setScene(): Promise<Scene> {
  const folder = temporaryFolder();
  const index = await startFakeIndex();
  const write = (name: string, content: string) => {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), content);
  };
  const tspip = async (...argv: string[]): Promise<Answer> => {
    const [stdout, stderr] = [capture(), capture()];
    const exitCode = await run(argv, {
      env: { PATH: process.env.PATH, PIP_CONFIG_FILE: "/dev/null" },
      cwd: folder.path,
      homedir: folder.path,
      platform: process.platform,
      stdout,
      stderr,
      signal: new AbortController().signal,
      now: () => now,
      processors: 2,
      pid: process.pid,
      isAlive: () => true,
    });
    assert.doesNotMatch(stderr.text(), /^\s+at /m, "no stack trace");
    return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
  };
  write("root.json", authority.trustedRootJson);
  return {
    folder: folder.path,
    index,
    write,
    tspip,
    async verify(...argv) {
      const place = ["-i", index.url, "--trusted-root", "root.json", "--retries", "0"];
      const answer = await tspip("verify", ...place, "--policy", "policy.toml", "--format", "json", ...argv);
      assert.notEqual(answer.stdout, "", answer.stderr);
      const report = JSON.parse(answer.stdout) as Report;
      const [artifact] = report.artifacts;
      assert.ok(artifact);
      return { exitCode: answer.exitCode, artifact, report };
    },
    async [Symbol.asyncDispose]() {
      await index[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

function capture() {
  const pieces: string[] = [];
  return { isTTY: false, write: (text: string) => void pieces.push(text), text: () => pieces.join("") };
}

function provenanceOf({ filename, sha256 }: MadeWheel): string {
  const attestation = authority.attest({ filename, sha256, publisher: alice });
  return JSON.stringify(authority.provenance([{ publisher: alice, attestations: [attestation] }]));
}

function ids({ findings }: ReportedArtifact): string[] {
  return findings.map(({ id }) => id);
}

function daysAgo(days: number): string {
  return new Date(now.getTime() - days * 86_400_000).toISOString();
}

test("min-age: what the index took lately waits, and an index that says no time is no way around it", async () => {
  await using scene = await setScene();
  scene.write("policy.toml", 'version = 1\n[default]\nmin-age = "P3D"\n');
  const wheel = makeWheel({ name: "alpha" });

  scene.index.add({ ...wheel, uploadTime: daysAgo(2.9) });
  const early = await scene.verify("alpha==1.0");
  assert.equal(early.exitCode, 1);
  assert.deepEqual(ids(early.artifact), ["too-new"]);
  assert.ok(!scene.index.requests.some((request) => request.startsWith("GET /files/")), "it is not even downloaded");

  scene.index.add({ ...wheel, uploadTime: daysAgo(3.1) });
  assert.equal((await scene.verify("alpha==1.0")).exitCode, 0);

  scene.index.format = "html";
  assert.deepEqual(ids((await scene.verify("alpha==1.0")).artifact), ["upload-time-absent"]);
});

test('missing-time = "log": the transparency log says how old a file is at least', async () => {
  await using scene = await setScene();
  scene.index.format = "html";
  const policy = (minAge: string) =>
    `version = 1\n[default]\nattestation = "ignore"\nmin-age = "${minAge}"\nmissing-time = "log"\n`;
  const wheel = makeWheel({ name: "alpha" });
  scene.index.add({ ...wheel, provenance: provenanceOf(wheel) });

  scene.write("policy.toml", policy("PT0S"));
  assert.equal((await scene.verify("alpha==1.0")).exitCode, 0);
  scene.write("policy.toml", policy("P9999W"));
  assert.deepEqual(ids((await scene.verify("alpha==1.0")).artifact), ["too-new"]);
});

test('attestation = "no-downgrade": a release without attestation after one with it is refused', async () => {
  await using scene = await setScene();
  scene.write("policy.toml", 'version = 1\n[default]\nattestation = "no-downgrade"\n');
  const [first, second] = ["1.0", "1.1"].map((version) => makeWheel({ name: "alpha", version }));
  assert.ok(first && second);
  scene.index.add({ ...first, provenance: null });
  scene.index.add({ ...second, provenance: null });
  assert.equal((await scene.verify("alpha==1.1")).exitCode, 0);

  scene.index.add({ ...first, provenance: provenanceOf(first) });
  const lost = await scene.verify("alpha==1.1");
  assert.equal(lost.exitCode, 1);
  assert.deepEqual(ids(lost.artifact), ["attestation-lost"]);

  scene.index.add({ ...second, provenance: provenanceOf(second) });
  assert.equal((await scene.verify("alpha==1.1")).exitCode, 0);
});

test("deny lists: what a signer signed in a window is refused under every mode", async () => {
  await using scene = await setScene();
  const wheel = makeWheel({ name: "alpha" });
  scene.index.add({ ...wheel, provenance: provenanceOf(wheel) });
  const policy = (until: string) =>
    `version = 1\n[signers.alice]\nkind = "github"\nrepository = "acme/alice"\n[floor]\ndeny = [{ signer = "alice", until = ${until} }]\n[default]\nmode = "off"\n`;
  scene.write("policy.toml", policy("2100-01-01T00:00:00Z"));
  assert.deepEqual(ids((await scene.verify("alpha==1.0")).artifact), ["denied-by-policy"]);
  scene.write("policy.toml", policy("2000-01-01T00:00:00Z"));
  assert.equal((await scene.verify("alpha==1.0")).exitCode, 0);
});
