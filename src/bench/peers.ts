import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./clone.ts";

/** Versions of the peers, so that figures can be compared later. */
const versions = {
  "pypi-attestations": "0.0.30",
  "cyclonedx-bom": "7.5.0",
  uv: "0.13.8",
  pip: "26.3",
  installer: "1.1.0",
  "pip-audit": "2.10.1",
} as const;

/** Those written in Go, as their modules. */
const goModules = {
  syft: "github.com/anchore/syft/cmd/syft@v1.38.0",
  cosign: "github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3",
} as const;

/** What is fetched once, and stays for the next run. */
export const home = join(root, ".bench");

/** In words, each with its version. */
export function peerVersions(): string[] {
  const ofGo = Object.entries(goModules).map(([name, module]) => [name, module.split("@v")[1]] as const);
  return [...Object.entries(versions), ...ofGo].map(([name, version]) => `${name} ${version}`);
}

/** A program of a peer, which is installed into an environment of its own. @returns its path */
export function peerProgram(name: keyof typeof versions, program: string): string {
  const environment = join(home, name);
  const mark = join(environment, "installed");
  if (!existsSync(mark) || readFileSync(mark, "utf8") !== versions[name]) {
    const asked = `${name}==${versions[name]}`;
    execFileSync("python3", ["-m", "venv", "--clear", environment]);
    execFileSync(join(environment, "bin/python"), ["-m", "pip", "install", "-q", asked], { stdio: "inherit" });
    writeFileSync(mark, versions[name]);
  }
  return join(environment, "bin", program);
}

/** Built once, which takes a while, where there is a Go to build it. @returns its path */
export function builtByGo(name: keyof typeof goModules): string | undefined {
  const module = goModules[name];
  const bin = join(home, "go", name, module.split("@")[1] ?? "");
  const program = join(bin, name);
  const env = { ...process.env, GOBIN: bin };
  if (existsSync(program) || spawnSync("go", ["install", module], { env, stdio: "inherit" }).status === 0)
    return program;
  process.stdout.write(`There is no Go to build ${name} with: it is not compared with\n`);
  return undefined;
}
