import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { signManifest } from "../bundle/bundle-signature.ts";
import { keySigner } from "../signature/private-key.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { openArchive } from "../wheel/open-archive.ts";
import { makeWheel } from "./make-wheel.ts";
import { provenanceOf, python, requireAlice, type Scene, setScene } from "./scene.ts";
import { snapshot, temporaryFolder } from "./tree.ts";
import type { TestPublisher } from "./trusted-publishers.ts";
import { type Answer, typeCommand } from "./type-command.ts";
import { writeZip, type ZipMember, type ZipOptions } from "./zip-writer.ts";

/** Bundles in tests: the side that makes one, the side that takes it, and what somebody on the way could do. */

export const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};
const alice: TestPublisher = {
  kind: "github",
  repository: "acme/alice",
  workflow: "release.yml",
  ref: "refs/tags/v1",
};
export const alpha = makeWheel({ name: "alpha", metadata: ["Requires-Dist: beta"] });
export const beta = makeWheel({ name: "beta", version: "2.1" });

/** The side with an index: two attested wheels, a policy, and the key of whoever makes bundles. */
export async function setBundleScene(
  policy = requireAlice,
): Promise<Scene & { key: string; make(...more: string[]): Promise<Answer> }> {
  const scene = await setScene();
  for (const wheel of [alpha, beta])
    scene.index.add({ ...wheel, provenance: provenanceOf(wheel, alice), uploadTime: "2026-01-01T00:00:00Z" });
  scene.write("team/policy.toml", policy);
  const made = await scene.tspipAlone("key", "new", "maker.pem", "--no-passphrase");
  const key = /^Key: (\S+)$/m.exec(made.stdout)?.[1] ?? assert.fail(made.stdout);
  const asked = [
    "alpha==1.0",
    "beta==2.1",
    "--policy",
    "team/policy.toml",
    "--bundle",
    "out.zip",
    "--key",
    "maker.pem",
  ];
  const make = (...more: string[]) => scene.tspip("download", ...asked, ...more);
  return Object.assign(scene, { key, make });
}

/** The other side: an empty folder and home, no index, no cache, no configuration. */
export function otherSide() {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder.path, name);
  return {
    path: folder.path,
    tspip: (...argv: string[]) =>
      typeCommand(folder.path, argv, { env: { PIP_INDEX_URL: "http://127.0.0.1:9/simple/" } }),
    take: (bytes: Uint8Array) => writeFileSync(path("in.zip"), bytes),
    installed: () =>
      readdirSync(path("env/lib"))
        .flatMap((lib) =>
          readdirSync(join(path("env/lib"), lib, "site-packages")).flatMap(
            (name) => /^(.+)-(.+)\.dist-info$/.exec(name)?.slice(1).join("==") ?? [],
          ),
        )
        .sort(),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** A file of the side with an index. */
export const read = (scene: Scene, name: string) => readFileSync(join(scene.folder, name));

export async function madeBundle(scene: Awaited<ReturnType<typeof setBundleScene>>): Promise<Buffer> {
  const { exitCode, stdout, stderr } = await scene.make();
  assert.equal(exitCode, 0, stdout + stderr);
  return read(scene, "out.zip");
}

/** Runs verify and install on the other side: both say the same, and an install that is refused leaves nothing behind. */
export async function tryBoth(bytes: Uint8Array, ...more: string[]) {
  using other = otherSide();
  using temporary = temporaryFolder();
  const before = process.env.TMPDIR;
  process.env.TMPDIR = temporary.path;
  try {
    other.take(bytes);
    const untouched = snapshot(other.path);
    const verified = await other.tspip("verify", "--bundle", "in.zip", "--format", "json", ...more);
    const { exitCode, stdout, stderr } = await other.tspip(
      "install",
      "--bundle",
      "in.zip",
      "--venv",
      "env",
      "--no-cache-dir",
      ...more,
    );
    assert.equal(exitCode, verified.exitCode, `${stdout}${stderr}\n${verified.stdout}${verified.stderr}`);
    if (exitCode !== 0) assert.deepEqual(snapshot(other.path), untouched);
    assert.deepEqual(readdirSync(temporary.path), [], "no temporary file stays");
    const report = verified.stdout === "" ? undefined : JSON.parse(verified.stdout);
    const artifacts: { findings: { id: string }[] }[] = report?.artifacts ?? [];
    const findings: { id: string }[] = [...(report?.findings ?? []), ...artifacts.flatMap((each) => each.findings)];
    return { exitCode, stdout, stderr, findings: [...new Set(findings.map(({ id }) => id))] };
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

/** The members of a bundle, to be bent and written again. */
export function membersOf(bundle: Uint8Array): Map<string, Buffer> {
  const archive = openArchive(openShared({ kind: "memory", bytes: bundle }));
  return new Map(archive.entries.map((entry) => [entry.path, archive.read(entry)]));
}

export function written(
  members: ReadonlyMap<string, Uint8Array>,
  more: readonly ZipMember[] = [],
  options: ZipOptions = {},
): Buffer {
  const plain = [...members].map(([path, content]) => ({ path, content, stored: true }));
  return writeZip([...plain, ...more], options);
}

/** What somebody can do who has the maker's key: the manifest says what they like. */
export async function signedAnew(
  scene: Scene,
  bundle: Buffer,
  bend: (manifest: Record<string, unknown>) => void,
): Promise<Buffer> {
  const members = membersOf(bundle);
  const value = JSON.parse(String(members.get("manifest.json")));
  bend(value);
  const manifest = Buffer.from(JSON.stringify(value));
  const signer = keySigner(createPrivateKey(read(scene, "maker.pem")));
  return written(members.set("manifest.json", manifest).set("manifest.jws", await signManifest(manifest, signer)));
}
