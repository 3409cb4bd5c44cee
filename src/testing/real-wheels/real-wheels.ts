import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Report } from "../../cli/report/report.ts";
import { snapshot } from "../tree.ts";
import { downloadRealWheels } from "./download.ts";

/**
 * `npm run wheels:real [FOLDER]`: the wheels of list.txt, as pip downloads them into FOLDER, must pass `tspip verify` and be
 * installed by tspip as pip installs them. Needs a python3 with pip 22.3 or newer, and the index that pip is set up for.
 */

const [folder] = process.argv.slice(2);
const launcher = fileURLToPath(new URL("../../launcher.cjs", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "tspip-real-"));

try {
  const paths = downloadRealWheels(folder);
  const refused = refusals(paths);
  const differences = treeDifferences(paths);
  for (const line of [...refused, ...differences]) process.stdout.write(`${line}\n`);
  process.stdout.write(`${paths.length} wheels: ${refused.length} refused, ${differences.length} files unlike pip's\n`);
  process.exitCode = refused.length + differences.length > 0 ? 1 : 0;
} finally {
  rmSync(work, { recursive: true, force: true });
}

function pip(...argv: string[]): void {
  execFileSync("python3", ["-m", "pip", ...argv], { stdio: ["ignore", "ignore", "inherit"] });
}

function refusals(paths: readonly string[]): string[] {
  const { stdout } = tspip("verify", "--no-deps", "--offline", "--format", "json", ...paths);
  const report: Report = JSON.parse(stdout);
  return report.artifacts.flatMap(({ filename, decision, findings }) =>
    decision === "deny"
      ? [`refused: ${filename}: ${findings.map(({ id, message }) => `${id}: ${message}`).join("; ")}`]
      : [],
  );
}

/** Files of environments that pip and tspip made of the same wheels, as far as the two should be alike. */
function treeDifferences(paths: readonly string[]): string[] {
  const [ours, theirs] = [join(work, "ours"), join(work, "theirs")];
  for (const venv of [ours, theirs]) execFileSync("python3", ["-m", "venv", "--without-pip", venv]);
  const { status, stderr } = tspip("install", "--no-deps", "--offline", "--venv", ours, ...paths);
  if (status !== 0) return [`tspip installs nothing: ${stderr}`];
  const quiet = ["--quiet", "--no-deps", "--no-index", "--no-compile", "--no-warn-script-location"];
  pip("--python", theirs, "install", ...quiet, ...paths);
  const [own, pips] = [comparable(ours), comparable(theirs)];
  return [...new Set([...own.keys(), ...pips.keys()])]
    .filter((path) => own.get(path) !== pips.get(path))
    .map((path) => `${path}: tspip ${own.get(path) ?? "has none"}, pip ${pips.get(path) ?? "has none"}`);
}

/**
 * Each installer's own files, and files with the environment's path in them, differ by nature. pip gives its own wheel a
 * script more than it names, `pip3.11`.
 */
function comparable(venv: string): Map<string, string> {
  const ownFiles =
    /^pyvenv\.cfg$|^bin\/pip3\.\d+$|\.dist-info\/(?:RECORD|INSTALLER|REQUESTED|direct_url\.json|tspip\.json)$/;
  const files = Object.entries(snapshot(venv)).filter(
    ([path, what]) => what.startsWith("file") && !ownFiles.test(path),
  );
  return new Map(files.map(([path, what]) => [path, path.startsWith("bin/") ? "a script" : what]));
}

function tspip(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...argv], {
    encoding: "utf8",
    maxBuffer: 256 << 20,
  });
  return { status, stdout, stderr };
}
