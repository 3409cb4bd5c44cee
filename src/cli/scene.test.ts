import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { type FakeIndex, startFakeIndex } from "../testing/fake-index.ts";
import type { MadeWheel } from "../testing/make-wheel.ts";
import { testProcesses } from "../testing/processes.ts";
import { createSigningAuthority } from "../testing/signing-authority.ts";
import { temporaryFolder } from "../testing/tree.ts";
import type { TestPublisher } from "../testing/trusted-publishers.ts";
import type { Host } from "./host.ts";
import { run } from "./run.ts";

/** For tests of commands: a folder, an index on loopback and a Sigstore of the test's own. */

export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Scene extends AsyncDisposable {
  readonly folder: string;
  readonly index: FakeIndex;
  write(name: string, content: string | Uint8Array): string;
  read(name: string): string;
  /** `tspip COMMAND`, or `tspip policy init`, with the scene's index and trusted root; the folder is also the home. */
  tspip(command: string, ...argv: string[]): Promise<Answer>;
}

export const authority = createSigningAuthority();

export function publisher(repository: string): TestPublisher {
  return { kind: "github", repository, workflow: "release.yml", ref: "refs/tags/v1" };
}

/** A provenance object for `wheel`, signed by the repository's workflow. */
export function provenanceBy(repository: string, { filename, sha256 }: MadeWheel): string {
  const signer = publisher(repository);
  const attestation = authority.attest({ filename, sha256, publisher: signer });
  return JSON.stringify(authority.provenance([{ publisher: signer, attestations: [attestation] }]));
}

export async function setScene(env: Host["env"] = {}): Promise<Scene> {
  const folder = temporaryFolder();
  const index = await startFakeIndex();
  const write = (name: string, content: string | Uint8Array) => {
    const path = join(folder.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  write("root.json", authority.trustedRootJson);
  const own = ["-i", index.url, "--trusted-root", "root.json", "--retries", "0"];
  return {
    folder: folder.path,
    index,
    write,
    read: (name) => readFileSync(join(folder.path, name), "utf8"),
    tspip: (command, ...argv) => runIn(folder.path, env, [...command.split(" "), ...own, ...argv]),
    async [Symbol.asyncDispose]() {
      await index[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

async function runIn(cwd: string, env: Host["env"], argv: readonly string[]): Promise<Answer> {
  const [stdout, stderr] = [capture(), capture()];
  const exitCode = await run(argv, {
    env: { PATH: process.env.PATH, PIP_CONFIG_FILE: "/dev/null", ...env },
    cwd,
    homedir: cwd,
    platform: process.platform,
    stdout,
    stderr,
    signal: new AbortController().signal,
    now: () => new Date(),
    processors: 2,
    ...testProcesses,
  });
  assert.doesNotMatch(stderr.text(), /^\s+at /m, "no stack trace");
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function capture() {
  const pieces: string[] = [];
  return { isTTY: false, write: (text: string) => void pieces.push(text), text: () => pieces.join("") };
}

test("a scene runs the program", async () => {
  await using scene = await setScene();
  const { exitCode, stderr } = await scene.tspip("verify");
  assert.equal(exitCode, 2);
  assert.match(stderr, /Nothing to do/);
});
