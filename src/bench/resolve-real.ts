import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * `npm run resolve:real`: much-used projects, resolved and installed from the configured index into environments of
 * Python 3.11. The versions must be those that uv alone chooses for the same input. Slow; needs the net, uv on PATH and
 * a Python 3.11, which TSPIP_PYTHON may name.
 */
const inputs = ["flask", "requests", "pandas", "fastapi[standard]", "boto3", "django", "jupyterlab", "scikit-learn"];
const python = process.env.TSPIP_PYTHON ?? "python3.11";
const launcher = new URL("../launcher.cjs", import.meta.url).pathname;
const work = mkdtempSync(join(tmpdir(), "tspip-real-"));

try {
  const outcomes = inputs.map(compare);
  process.stdout.write(`${outcomes.filter(Boolean).length} of ${inputs.length} agree with uv\n`);
  process.exitCode = outcomes.every(Boolean) ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

function compare(input: string, at: number): boolean {
  const venv = join(work, `env${at}`);
  const start = performance.now();
  const argv = [launcher, "install", input, "--venv", venv, "--python", python, "-q"];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8", cwd: work });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (status !== 0) {
    process.stdout.write(`FAILED ${input}: exit code ${status}\n${stdout}${stderr}\n`);
    return false;
  }
  const [ours, theirs] = [installed(venv), chosenByUv(input, at)];
  const differ = [...ours.symmetricDifference(theirs)];
  process.stdout.write(
    `${differ.length === 0 ? "ok" : "DIFFERS"} ${input}: ${ours.size} distributions in ${seconds} s ${differ.join(" ")}\n`,
  );
  return differ.length === 0;
}

function installed(venv: string): Set<string> {
  const [lib = ""] = readdirSync(join(venv, "lib"));
  const site = join(venv, "lib", lib, "site-packages");
  const folders = readdirSync(site).filter((name) => name.endsWith(".dist-info"));
  return new Set(folders.map((folder) => pinIn(readFileSync(join(site, folder, "METADATA"), "utf8"))));
}

function pinIn(metadata: string): string {
  const field = (name: string) => new RegExp(`^${name}: *(.+?)\r?$`, "mi").exec(metadata)?.[1] ?? "";
  return `${field("Name")
    .replace(/[-_.]+/g, "-")
    .toLowerCase()}==${field("Version")}`;
}

/** With wheels only, as tspip builds nothing. */
function chosenByUv(input: string, at: number): Set<string> {
  const file = join(work, `requirements${at}.in`);
  writeFileSync(file, `${input}\n`);
  const argv = ["pip", "compile", file, "-q", "--no-header", "--no-annotate", "--only-binary", ":all:", "-p", python];
  const pins = execFileSync("uv", [...argv, "--no-config"], { encoding: "utf8", cwd: work });
  return new Set(pins.split("\n").flatMap((line) => /^[\w.-]+==\S+/.exec(line) ?? []));
}
