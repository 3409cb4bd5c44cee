import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tspip } from "../clone.ts";
import { puttingAside } from "../environments.ts";
import type { Case } from "../harness.ts";
import { peerProgram } from "../peers.ts";

/** Ten open requirements, chosen and installed from the configured index without anything kept from before. */
export function requirementCases(work: string): Case[] {
  const asked = "flask requests fastapi pandas boto3 jinja2 rich httpx pytest click".split(" ");
  const uv = peerProgram("uv", "uv");
  const aside = puttingAside(work);
  const path = `PATH=${dirname(uv)}:${process.env.PATH}`;
  const [ours, theirs] = [join(work, "chosen"), join(work, "uv-chosen")];
  const install = [...tspip, "install", "--no-cache-dir", "--venv", ours] as const;
  const otherHash = join(work, "other-hash.txt");
  writeFileSync(otherHash, `idna==3.10 --hash=sha256:${"0".repeat(64)}\n`);
  return [
    {
      name: "10 requirements, chosen and installed cold / uv",
      bar: 1.5,
      ours: { argv: ["env", path, ...install, ...asked], prepare: aside.fresh(ours) },
      peer: {
        argv: [uv, "pip", "install", "--no-cache", "-p", join(theirs, "bin/python"), ...asked],
        prepare: aside.fresh(theirs),
      },
      twin: { argv: [...install, "-r", otherHash], prepare: aside.fresh(ours) },
    },
  ];
}
