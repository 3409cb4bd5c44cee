import { tspip } from "../clone.ts";
import type { Case } from "../harness.ts";

export function startCases(): Case[] {
  return [
    {
      name: "start: tspip --version / pip --version",
      bar: 0.4,
      ours: { argv: [...tspip, "--version"] },
      peer: { argv: ["python3", "-m", "pip", "--version"] },
    },
  ];
}
