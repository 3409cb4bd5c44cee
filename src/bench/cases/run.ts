import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { tspip } from "../clone.ts";
import { puttingAside } from "../environments.ts";
import type { Case, Command } from "../harness.ts";
import { peerProgram } from "../peers.ts";
import { bentWheel, realWheelsBySize } from "../wheels.ts";

const wheelCount = 100;

/**
 * `uv pip install` of a hundred pinned wheels from the configured index through `tspip run`, with what tspip keeps from
 * before; the peer is the same without tspip. Both with an empty uv cache. These are the smallest of the real wheels: what
 * the gate costs for each file weighs most there, and the network least.
 */
export function runCases(work: string): Case[] {
  const uv = peerProgram("uv", "uv");
  const smallest = realWheelsBySize().slice(0, wheelCount);
  const pins = smallest.map((path) => basename(path).split("-").slice(0, 2).join("=="));
  const [list, bentList] = [join(work, "run-pins.txt"), join(work, "run-bent.txt")];
  writeFileSync(list, pins.join("\n"));
  writeFileSync(bentList, "bent==1.0\n");
  const offered = join(work, "run-offered");
  mkdirSync(offered);
  bentWheel(offered);
  const venv = join(work, "run-venv");
  const uvCache = join(work, "run-uv-cache");
  const aside = puttingAside(work);
  const prepare = aside.fresh(venv, uvCache);
  const install = (pinned: string, ...led: string[]): Command => {
    const asked = ["pip", "install", "--no-deps", "-q", "-p", join(venv, "bin/python"), "-r", pinned];
    return { argv: ["env", `UV_CACHE_DIR=${uvCache}`, ...led, uv, ...asked], prepare };
  };
  const gate = [...tspip, "run", "--cache-dir", join(work, "run-cache")];
  return [
    {
      name: `${wheelCount} wheels by uv through a warm tspip run / uv alone`,
      bar: 1.3,
      ours: install(list, ...gate, "--"),
      peer: install(list),
      twin: install(bentList, ...gate, "--find-links", offered, "--"),
    },
  ];
}
