import { appendFileSync, cpSync, globSync } from "node:fs";
import { join } from "node:path";
import { root, tspip } from "../clone.ts";
import { madeEnvironment, realEnvironment } from "../environments.ts";
import type { Case, Command } from "../harness.ts";
import { builtByGo, peerProgram } from "../peers.ts";

/** As many distributions as a small and a large application have. */
const sizes = [98, 400];
/** Of each distribution: the median of the real ones that the audit is measured on. syft looks at every file. */
const files = 84;

/** What an environment holds, listed and compared with its RECORDs. */
export function environmentCases(work: string): Case[] {
  const real = realEnvironment(join(work, "installed"));
  const syft = builtByGo("syft");
  const made = sizes.flatMap((size) => {
    const venv = madeEnvironment(work, size, files);
    const name = `${size} distributions`;
    return [besideCyclonedx(work, name, venv), ...(syft === undefined ? [] : [besideSyft(work, name, venv, syft)])];
  });
  return [besideCyclonedx(work, "an environment", real), auditCase(work, real), ...made, manyEnvironmentsCase(work)];
}

function besideCyclonedx(work: string, name: string, venv: string): Case {
  const cyclonedx = peerProgram("cyclonedx-bom", "cyclonedx-py");
  return {
    name: `SBOM of ${name} / cyclonedx-py`,
    bar: 0.05,
    ours: ourSbom(work, venv),
    peer: { argv: [cyclonedx, "environment", join(venv, "bin/python"), "-o", join(work, "theirs.json")] },
  };
}

function besideSyft(work: string, name: string, venv: string, syft: string): Case {
  const output = `cyclonedx-json=${join(work, "theirs.json")}`;
  return {
    name: `SBOM of ${name} / syft`,
    bar: 0.08,
    ours: ourSbom(work, venv),
    peer: { argv: [syft, "scan", `dir:${venv}`, "-q", "-o", output] },
  };
}

function ourSbom(work: string, venv: string): Command {
  return { argv: [...tspip, "ext", "sbom", "--venv", venv, "-o", join(work, "ours.json")] };
}

function auditCase(work: string, venv: string): Case {
  const tampered = join(work, "tampered-environment");
  cpSync(venv, tampered, { recursive: true, verbatimSymlinks: true });
  const [changed = ""] = globSync("lib/python*/site-packages/requests/api.py", { cwd: tampered });
  appendFileSync(join(tampered, changed), "# changed\n");
  return {
    name: "audit of an environment / a Python script that hashes its files",
    bar: 0.65,
    ours: { argv: [...tspip, "audit", "--venv", venv] },
    peer: { argv: ["python3", join(root, "src/bench/hash_environment.py"), venv] },
    twin: { argv: [...tspip, "audit", "--venv", tampered] },
  };
}

/** Twice as many environments may take twice as long, and a tenth for the machine. */
function manyEnvironmentsCase(work: string): Case {
  const one = madeEnvironment(work, 20, 2);
  const copies = (count: number) => {
    const folder = join(work, `environments-${count}`);
    for (let at = 0; at < count; at++)
      cpSync(one, join(folder, String(at)), { recursive: true, verbatimSymlinks: true });
    return folder;
  };
  const tampered = copies(2);
  const changed = globSync("1/lib/python*/site-packages/made7/data.txt", { cwd: tampered });
  for (const path of changed) appendFileSync(join(tampered, path), "changed");
  const audit = (folder: string): Command => ({ argv: [...tspip, "audit", "--discover", folder] });
  return {
    name: "audit of 50 environments / of 25",
    bar: 2.2,
    ours: audit(copies(50)),
    peer: audit(copies(25)),
    twin: audit(tampered),
  };
}
