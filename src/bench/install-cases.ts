import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeWheel } from "../testing/make-wheel.ts";
import { downloadRealWheels } from "../testing/real-wheels/download.ts";
import type { Case, Command } from "./harness.ts";

/** How many of the real wheels are installed: the largest. */
const wheelCount = 100;
/** MB */
const memoryBar = 350;

export interface InstallPeers {
  readonly tspip: readonly [node: string, program: string];
  /** Where a peer is installed. */
  environment(name: "uv" | "pip" | "installer"): string;
  /** Of this repository. */
  readonly root: string;
}

/** A hundred real wheels, from files, so that the network has no part in it: into a folder on disk, and one in memory. */
export function installCases(work: string, peers: InstallPeers): Case[] {
  const wheels = largestWheels();
  const inMemory = existsSync("/dev/shm") ? mkdtempSync("/dev/shm/tspip-bench-") : undefined;
  process.on("exit", () => inMemory && rmSync(inMemory, { recursive: true, force: true }));
  const onDisk = casesIn(work, "disk", wheels, peers);
  return inMemory === undefined ? onDisk : [...onDisk, ...casesIn(inMemory, "tmpfs", wheels, peers)];
}

function largestWheels(): string[] {
  const sized = downloadRealWheels().map((path) => ({ path, size: statSync(path).size }));
  return sized
    .sort((a, b) => b.size - a.size)
    .slice(0, wheelCount)
    .map(({ path }) => path);
}

function casesIn(
  place: string,
  label: string,
  wheels: readonly string[],
  { tspip, environment, root }: InstallPeers,
): Case[] {
  const work = join(place, "install");
  mkdirSync(work, { recursive: true });
  const venv = (name: string) => join(work, name);
  const fresh = (name: string) => () => {
    rmSync(venv(name), { recursive: true, force: true });
    execFileSync("python3", ["-m", "venv", "--without-pip", venv(name)]);
  };
  // Temporary files are on the same file system as well.
  const inEnv = (name: string, ...argv: string[]): Command => ({
    argv: ["env", `TMPDIR=${work}`, ...argv],
    prepare: fresh(name),
  });
  const ours = (...options: string[]) =>
    inEnv("ours", ...tspip, "install", "--offline", "--no-deps", "--venv", venv("ours"), ...options, ...wheels);
  const uv = (...options: string[]) =>
    inEnv(
      "theirs",
      join(environment("uv"), "bin/uv"),
      "pip",
      "install",
      "--offline",
      "--no-deps",
      "-p",
      venv("theirs/bin/python"),
      ...options,
      ...wheels,
    );
  // The tampered twin: one more wheel, of which one file is not what RECORD says.
  const { filename, bytes } = makeWheel({ name: "bent", altered: { "bent/__init__.py": "changed = True\n" } });
  const bent = join(work, filename);
  writeFileSync(bent, bytes);
  const pip = [join(environment("pip"), "bin/python"), "-m", "pip", "--python", venv("theirs/bin/python")];
  const quiet = ["--no-deps", "--no-index", "--no-cache-dir", "--disable-pip-version-check"];
  const caches = (mode: string) => ({ own: join(work, `cache-${mode}`), uvs: join(work, `uv-cache-${mode}`) });
  const warm = (mode: "copy" | "hardlink", theirs: string[], bar: number): Case => {
    const { own, uvs } = caches(mode + theirs.join(""));
    return {
      memoryBar,
      twin: ours("--cache-dir", own, "--link-mode", mode, bent),
      name: `${label}: ${wheels.length} wheels again, --link-mode ${mode} / uv warm ${theirs.join(" ")}`,
      bar,
      ours: ours("--cache-dir", own, "--link-mode", mode),
      peer: uv("--cache-dir", uvs, ...theirs),
    };
  };
  return [
    {
      name: `${label}: ${wheels.length} wheels with RECORD checks / uv, which checks nothing`,
      bar: 1,
      memoryBar,
      twin: ours("--no-cache-dir", bent),
      ours: ours("--no-cache-dir"),
      peer: uv("--no-cache"),
    },
    {
      name: `${label}: the same / pip, which checks nothing and compiles`,
      bar: 0.4,
      twin: ours("--no-cache-dir", bent),
      ours: ours("--no-cache-dir"),
      peer: inEnv("theirs", ...pip, "install", ...quiet, ...wheels),
    },
    {
      name: `${label}: the same / installer with validate_record`,
      bar: 0.3,
      twin: ours("--no-cache-dir", bent),
      ours: ours("--no-cache-dir"),
      peer: inEnv(
        "theirs",
        join(environment("installer"), "bin/python"),
        join(root, "src/bench/install_wheels.py"),
        venv("theirs"),
        ...wheels,
      ),
    },
    warm("copy", ["--link-mode", "copy"], 2.5),
    warm("hardlink", ["--link-mode", "hardlink"], 2.5),
    warm("copy", [], 2.5),
  ];
}
