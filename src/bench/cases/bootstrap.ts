import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeWheel } from "../../testing/make-wheel.ts";
import { tspip } from "../clone.ts";
import { puttingAside } from "../environments.ts";
import type { Case } from "../harness.ts";

/** A pip from the configured index, in an environment without one, with nothing kept from before. */
export function bootstrapCases(work: string): Case[] {
  const [ours, theirs] = [join(work, "bootstrapped"), join(work, "ensured")];
  const aside = puttingAside(work);
  const python = join(theirs, "bin/python");
  const ensured = `"${python}" -m ensurepip && "${python}" -m pip install --no-cache-dir --upgrade pip`;
  const { filename, bytes } = makeWheel({ name: "pip", version: "26.3" });
  const noPip = join(work, filename);
  writeFileSync(noPip, bytes);
  return [
    {
      name: "a verified pip, cold / ensurepip and pip install --upgrade pip",
      bar: 1,
      ours: { argv: [...tspip, "bootstrap", "--no-cache-dir", "--venv", ours], prepare: aside.fresh(ours) },
      peer: { argv: ["sh", "-c", ensured], prepare: aside.fresh(theirs) },
      twin: { argv: [...tspip, "bootstrap", "--wheel", noPip, "--venv", ours], prepare: aside.fresh(ours) },
    },
  ];
}
