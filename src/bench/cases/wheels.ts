import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { LinkMode } from "../../memory/tree-store.ts";
import { root, tspip } from "../clone.ts";
import { freshVenv, puttingAside } from "../environments.ts";
import type { Case, Command } from "../harness.ts";
import { peerProgram } from "../peers.ts";
import { bentWheel, realWheelsBySize } from "../wheels.ts";

/** How many of the real wheels are installed: the largest. */
const wheelCount = 100;
/** MB */
const memoryBar = 350;

/** A hundred real wheels, from files, so that the network has no part in it: into a folder on disk, and one in memory. */
export function wheelCases(work: string): Case[] {
  const wheels = realWheelsBySize().slice(-wheelCount).reverse();
  const inMemory = existsSync("/dev/shm") ? mkdtempSync("/dev/shm/tspip-bench-") : undefined;
  process.on("exit", () => inMemory && rmSync(inMemory, { recursive: true, force: true }));
  const aside = puttingAside(work);
  const onDisk = casesIn(work, "disk", wheels, aside.fresh).map((one) => ({ ...one, begin: aside.makeRoom }));
  return inMemory === undefined ? onDisk : [...onDisk, ...casesIn(inMemory, "tmpfs", wheels, freshVenv)];
}

function casesIn(place: string, label: string, wheels: readonly string[], fresh: (venv: string) => () => void): Case[] {
  const work = join(place, "install");
  mkdirSync(work, { recursive: true });
  const venv = (name: string) => join(work, name);
  // Temporary files are on the same file system as well.
  const inEnv = (name: string, ...argv: string[]): Command => ({
    argv: ["env", `TMPDIR=${work}`, ...argv],
    prepare: fresh(venv(name)),
  });
  const ours = (...options: string[]) =>
    inEnv("ours", ...tspip, "install", "--offline", "--no-deps", "--venv", venv("ours"), ...options, ...wheels);
  const intoTheirs = ["install", "--offline", "--no-deps", "-p", venv("theirs/bin/python")];
  const uv = (...options: string[]) =>
    inEnv("theirs", peerProgram("uv", "uv"), "pip", ...intoTheirs, ...options, ...wheels);
  const pip = [peerProgram("pip", "python"), "-m", "pip", "--python", venv("theirs/bin/python"), "install"];
  const quiet = ["--no-deps", "--no-index", "--no-cache-dir", "--disable-pip-version-check"];
  const installer = [peerProgram("installer", "python"), join(root, "src/bench/install_wheels.py"), venv("theirs")];

  const bent = bentWheel(work); // the tampered twin installs one wheel more
  const cold = { ours: ours("--no-cache-dir"), twin: ours("--no-cache-dir", bent) };
  const warm = (mode: LinkMode, theirs: LinkMode): Case => {
    const own = ["--cache-dir", join(work, `cache-${mode}-${theirs}`), "--link-mode", mode];
    const uvs = join(work, `uv-cache-${mode}-${theirs}`);
    return {
      name: `${label}: ${wheels.length} wheels again, --link-mode ${mode} / uv warm --link-mode ${theirs}`,
      // Where uv makes links it reads no file: only copies are the same work.
      ...(theirs === "copy" && { bar: 2.5 }),
      memoryBar,
      ours: ours(...own),
      peer: uv("--cache-dir", uvs, "--link-mode", theirs),
      twin: ours(...own, bent),
    };
  };
  return [
    {
      name: `${label}: ${wheels.length} wheels with RECORD checks / uv, which checks nothing`,
      bar: 1,
      memoryBar,
      ...cold,
      peer: uv("--no-cache"),
    },
    {
      name: `${label}: the same / installer with validate_record`,
      bar: 0.3,
      ...cold,
      peer: inEnv("theirs", ...installer, ...wheels),
    },
    {
      name: `${label}: the same / pip, which checks nothing and compiles`,
      bar: 0.4,
      ...cold,
      peer: inEnv("theirs", ...pip, ...quiet, ...wheels),
    },
    warm("copy", "copy"),
    warm("hardlink", "hardlink"),
    warm("copy", "hardlink"),
  ];
}
