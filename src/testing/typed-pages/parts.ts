import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type MadeWheel, makeWheel, type WheelDescription } from "../make-wheel.ts";
import { provenanceOf, python, type Scene, skipWithout } from "../scene.ts";
import type { TestPublisher } from "../trusted-publishers.ts";
import type { Prepared } from "./exercise.ts";

/** What exercises are put together from. */

export const root: string = new URL("../../../", import.meta.url).pathname;

export function publisher(repository: string): TestPublisher {
  return { kind: "github", repository, workflow: "release.yml", ref: "refs/tags/v1" };
}

export type Described = WheelDescription & { readonly name: string; readonly version: string };

/** Offers a wheel on the scene's index, attested by the workflow of `acme/NAME` unless told otherwise. */
export function offer(scene: Scene, description: Described, by: string | null = `acme/${description.name}`): MadeWheel {
  const wheel = makeWheel(description);
  const provenance = by === null ? null : provenanceOf(wheel, publisher(by));
  return scene.offer(description, { provenance, uploadTime: "2026-01-01T00:00:00Z", size: wheel.bytes.length });
}

/** flask and requests with what they need, as small as can be. */
export function offerUsual(scene: Scene): Record<"click" | "flask" | "requests", MadeWheel> {
  return {
    click: offer(scene, { name: "click", version: "8.3.0" }),
    flask: offer(scene, { name: "flask", version: "3.1.2", metadata: ["Requires-Dist: click>=8"] }),
    requests: offer(scene, { name: "requests", version: "2.32.5" }, null),
  };
}

export const project = `[project]
name = "app"
version = "1"
requires-python = ">=3.9"
dependencies = ["flask"]
[tool.uv]
package = false
`;

export async function makeKeys(scene: Scene, ...files: string[]): Promise<void> {
  for (const file of files) {
    await must(scene.tspipAlone("key", "new", file, "--no-passphrase"));
  }
}

/** `3.13` */
export function pythonVersion(): string {
  const script = "import sys; print('%d.%d' % sys.version_info[:2])";
  return execFileSync(python ?? "", ["-c", script], { encoding: "utf8" }).trim();
}

/** Instead of a terminal at which it is asked for. */
export const passphrase = "correct horse battery staple";
export const typedPassphrase = { TSPIP_PASSPHRASE: passphrase };

export async function must(answer: Promise<{ exitCode: number; stdout: string; stderr: string }>): Promise<void> {
  const { exitCode, stdout, stderr } = await answer;
  if (exitCode !== 0) throw new Error(stdout + stderr);
}

/** A virtual environment with pip, so that nothing is installed into the machine's own Python. */
export function activePip({ folder }: Scene): Pick<Prepared, "env" | "programs"> {
  execFileSync(python ?? "", ["-m", "venv", join(folder, "active")]);
  return { env: { VIRTUAL_ENV: join(folder, "active") }, programs: [join(folder, "active/bin")] };
}

export function link(scene: Scene, ...names: string[]): void {
  for (const name of names) symlinkSync(join(root, name), join(scene.folder, name));
}

/** alpha and beta are attested, gamma is not. */
export function offerThree(scene: Scene): void {
  for (const name of ["alpha", "beta"]) offer(scene, { name, version: "1.0" });
  offer(scene, { name: "gamma", version: "1.0" }, null);
  scene.write("requirements.txt", "alpha==1.0\nbeta==1.0\ngamma==1.0\n");
}

const vulnerability = { package: { ecosystem: "PyPI", name: "other" }, versions: ["1.0"] };
export const advisory = JSON.stringify({ id: "PYSEC-0", affected: [vulnerability] });

/** A keyring as it is when somebody has followed "Begin". */
export async function draftedKeyring(scene: Scene): Promise<void> {
  await rolesKeys(scene);
  const roots = ["root1", "root2", "root3"].flatMap((name) => ["--root", `${name}.pem.pub`]);
  const type = (...argv: string[]) => must(scene.tspipAlone("keyring", ...argv));
  await type("init", "k", "--name", "example.org/wheels", ...roots, "--threshold", "2", "--fresh", "daily.pem.pub");
  await type("add", "k", "alice", "--key", "alice.pem.pub", "--project", "demo");
  for (const key of ["root1.pem", "root2.pem"]) await type("sign", "k", "--key", key);
  await type("refresh", "k", "--key", "daily.pem");
}

/** Everybody's keys. */
async function rolesKeys(scene: Scene): Promise<void> {
  await makeKeys(
    scene,
    "root2.pem",
    "root3.pem",
    "root4.pem",
    "daily.pem",
    "daily2.pem",
    "alice.pem",
    "alice2.pem",
    "bob.pem",
  );
  if (!existsSync(join(scene.folder, "root1.pem"))) await makeKeys(scene, "root1.pem");
}

export const publicIndex = (scene: Scene) => ["https://pypi.org/simple/", scene.index.url] as const;

export function isThere(program: string): boolean {
  return spawnSync(program, ["--version"]).error === undefined;
}

export const withPip = skipWithout("pip").skip;
export const withUv = skipWithout("uv").skip;
