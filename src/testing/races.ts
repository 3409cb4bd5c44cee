import { execFile, execFileSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { scanInstalled } from "../environment/scan.ts";
import { makeWheel } from "./make-wheel.ts";
import { temporaryFolder } from "./tree.ts";

/**
 * `npm run races`: two processes install two versions into one environment at the same time, a hundred times over. Each
 * time both end well, and one whole version is there.
 */

const rounds = Number(process.argv[2] ?? 100);
const launcher = new URL("../launcher.cjs", import.meta.url).pathname;

using folder = temporaryFolder();
const venv = join(folder.path, "env");
execFileSync("python3", ["-m", "venv", "--without-pip", venv]);
const wheels = ["1.0", "2.0"].map((version) => {
  const only = `example/only_${version.charAt(0)}.py`;
  const { filename, bytes } = makeWheel({ version, files: { "example/__init__.py": version, [only]: version } });
  const path = join(folder.path, filename);
  writeFileSync(path, bytes);
  return path;
});

const seen = new Map<string, number>();
for (let round = 1; round <= rounds; round++) {
  await Promise.all(
    wheels.map((wheel) => promisify(execFile)(process.execPath, [launcher, "install", "-q", wheel, "--venv", venv])),
  );
  const site = readdirSync(join(venv, "lib")).map((python) => join(venv, "lib", python, "site-packages"));
  const { installed } = await scanInstalled(site);
  const [example, ...others] = installed;
  const isWhole =
    others.length === 0 && (example?.record ?? []).every(({ path }) => existsSync(join(example?.site ?? "", path)));
  const files = readdirSync(join(site[0] ?? "", "example"));
  if (!isWhole || files.length !== 2) throw new Error(`Round ${round}: ${files.join(", ")}`);
  const left = readdirSync(venv).filter((name) => name.startsWith(".tspip-"));
  if (left.length > 0) throw new Error(`Round ${round} left ${left.join(", ")}`);
  seen.set(example?.version ?? "", (seen.get(example?.version ?? "") ?? 0) + 1);
}
console.log(`${rounds} races: ${[...seen].map(([version, count]) => `${version} won ${count}`).join(", ")}`);
