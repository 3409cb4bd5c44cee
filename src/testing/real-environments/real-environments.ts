import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Report } from "../../cli/report/report.ts";

/**
 * `npm run environments:real [NAME…]`: environments as pip, uv, virtualenv and poetry make them. An audit of each has no
 * error and no warning, and its SBOM has the components of `pip list` and of cyclonedx-py; cyclonedx-python-lib, and syft
 * where it is on PATH, read them out of our SBOM. Needs the net and a python3 with pip and venv; the other tools are installed
 * by pip below `.bench/`, which stays.
 */

type Step = readonly string[];

interface Tools {
  readonly uv: string;
  readonly virtualenv: string;
  readonly poetry: string;
}

const bench = fileURLToPath(new URL("../../../.bench/", import.meta.url));
const launcher = fileURLToPath(new URL("../../launcher.cjs", import.meta.url));
const wanted = process.argv.slice(2);

const project = `[project]
name = "own-project"
version = "1.2"
requires-python = ">=3.10"
dependencies = ["idna>=3"]
`;
const backends: Readonly<Record<string, string>> = {
  setuptools: `[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n`,
  hatchling: `[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n`,
  // As a source of its own the index is asked for HTML, which mirrors have as well.
  poetry: `[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n[[tool.poetry.source]]\nname = "index"\nurl = "https://pypi.org/simple/"\n`,
};
const inProject = { VIRTUAL_ENV: undefined, POETRY_VIRTUALENVS_IN_PROJECT: "true" };

/** Commands that make `.venv` in a folder of their own, which has a project in it. */
const recipes: Readonly<Record<string, (tools: Tools) => Step[]>> = {
  "pip: flask": () => [...venv(), pip("flask")],
  "pip: requests, compiled with optimisation": () => [
    ...venv(),
    pip("requests"),
    [python, "-OO", "-m", "compileall", "-q", ".venv/lib"],
  ],
  "pip: compiled files with hashes": () => [
    ...venv(),
    pip("attrs", "click"),
    [python, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash", ".venv/lib"],
  ],
  "pip: numpy and pandas": () => [...venv(), pip("numpy", "pandas")],
  "pip: django": () => [...venv(), pip("django")],
  "pip: pytest, after a run": () => [
    ...venv(),
    pip("pytest", "pytest-mock"),
    [python, "-m", "pytest", "-q", "--pyargs", "own_project"],
  ],
  "pip: namespace packages": () => [...venv(), pip("google-api-core", "zope.interface")],
  "pip: an editable project of setuptools": () => [...venv(), pip("-e", ".")],
  "pip: an editable project of hatchling": () => [backend("hatchling"), ...venv(), pip("-e", ".")],
  "pip: a project from its folder": () => [...venv(), pip(".")],
  "pip: a project from a repository": () => [
    ["git", "init", "-q"],
    ["git", "add", "pyproject.toml", "own_project"],
    ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "first"],
    ...venv(),
    pip("git+file://$PWD"),
  ],
  "pip: a source distribution": () => [...venv(), pip("--no-binary", "docopt", "docopt")],
  "pip: without pip": () => [[base, "-m", "venv", "--without-pip", ".venv"]],
  "uv: fastapi": ({ uv }) => [[uv, "venv", "-q", "-p", base, ".venv"], uvInstall(uv, "fastapi[standard]")],
  "uv: rich, compiled": ({ uv }) => [
    [uv, "venv", "-q", "-p", base, ".venv"],
    uvInstall(uv, "--compile-bytecode", "rich", "httpx"),
  ],
  "uv: seeded": ({ uv }) => [
    [uv, "venv", "-q", "--seed", "-p", base, ".venv"],
    uvInstall(uv, "black"),
    [python, "-m", "black", "--version"],
  ],
  "uv: a project, synchronised": ({ uv }) => [backend("hatchling"), [uv, "sync", "-q", "-p", base]],
  "uv: an editable project": ({ uv }) => [[uv, "venv", "-q", "-p", base, ".venv"], uvInstall(uv, "-e", ".")],
  "virtualenv: jinja2": ({ virtualenv }) => [[virtualenv, "-q", ".venv"], pip("jinja2")],
  "virtualenv: copies, seeded with setuptools": ({ virtualenv }) => [
    [virtualenv, "-q", "--always-copy", "--setuptools", "bundle", ".venv"],
    pip("pyyaml"),
  ],
  "poetry: a project": ({ poetry }) => [backend("poetry"), [poetry, "install", "-q", "-n"]],
  "poetry: a project without itself": ({ poetry }) => [backend("poetry"), [poetry, "install", "-q", "-n", "--no-root"]],
};

const base = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
const python = ".venv/bin/python";
const tools: Tools = {
  uv: tool("uv"),
  virtualenv: tool("virtualenv"),
  poetry: tool("poetry"),
};
const cyclonedx = tool("cyclonedx-bom", "cyclonedx-py");
const readBack = fileURLToPath(new URL("read_back.py", import.meta.url));
const hasSyft = spawnSync("syft", ["version"]).status === 0;
if (!hasSyft) process.stdout.write("syft is not on PATH: it reads no SBOM\n");
const pipAlone = join(bench, "cyclonedx-bom", "bin/python");
const work = mkdtempSync(join(tmpdir(), "tspip-environments-"));

try {
  const names = Object.keys(recipes).filter(
    (name) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
  );
  const problems = names.map((name, at) => check(name, join(work, String(at))));
  const wrong = problems.filter((found) => found.length > 0).length;
  process.stdout.write(`${names.length} environments, ${wrong} with something wrong\n`);
  process.exitCode = wrong > 0 ? 1 : 0;
} finally {
  rmSync(work, { recursive: true, force: true });
}

function check(name: string, folder: string): string[] {
  mkdirSync(join(folder, "own_project"), { recursive: true });
  writeFileSync(join(folder, "pyproject.toml"), project + backends.setuptools);
  writeFileSync(join(folder, "own_project/__init__.py"), "");
  writeFileSync(join(folder, "own_project/test_it.py"), "def test_it():\n    assert 1 + 1 == 2\n");
  for (const [program = "", ...argv] of recipes[name]?.(tools) ?? []) {
    const given = argv.map((text) => text.replace("$PWD", folder));
    const env = { ...process.env, ...inProject };
    const { status, stderr } = spawnSync(program, given, { cwd: folder, env, encoding: "utf8" });
    if (status !== 0) return [report(name, `${program} ${given.join(" ")} ends with ${status}: ${stderr.slice(-500)}`)];
  }
  const problems = [...alarms(folder), ...componentDifferences(folder), ...lostByReaders(folder)].map((problem) =>
    report(name, problem),
  );
  if (problems.length === 0) process.stdout.write(`ok ${name}\n`);
  return problems;
}

function report(name: string, problem: string): string {
  process.stdout.write(`WRONG ${name}: ${problem}\n`);
  return problem;
}

function alarms(folder: string): string[] {
  const { stdout } = tspip(folder, "audit", "--venv", ".venv", "--format", "json");
  const { findings, artifacts }: Report = JSON.parse(stdout);
  return [...findings, ...artifacts.flatMap((artifact) => artifact.findings)]
    .filter(({ severity }) => severity !== "note")
    .map(({ id, message }) => `${id}: ${message}`);
}

function componentDifferences(folder: string): string[] {
  const ours = componentsIn(tspip(folder, "ext", "sbom", "--venv", ".venv").stdout);
  const list = [pipAlone, "-m", "pip", "--python", join(folder, python), "list", "--format", "json"] as const;
  const listed: readonly { readonly name: string; readonly version: string }[] = JSON.parse(output(list, folder));
  const theirs = componentsIn(output([cyclonedx, "environment", join(folder, python)], folder));
  return [...differences("pip list", ours, new Set(listed.map(pin))), ...differences("cyclonedx-py", ours, theirs)];
}

/** What other tools do not find in our SBOMs. */
function lostByReaders(folder: string): string[] {
  const forms = ["1.6", "1.7"].flatMap((version) => ["json", "xml"].map((format) => ({ version, format })));
  const files = forms.map(({ version, format }) => {
    const file = `ours-${version}.${format}`;
    tspip(folder, "ext", "sbom", "--venv", ".venv", "--spec-version", version, "--output-format", format, "-o", file);
    return file;
  });
  const ours = componentsIn(readFileSync(join(folder, "ours-1.6.json"), "utf8"));
  const read = output([pipAlone, readBack, ...files], folder)
    .trim()
    .split("\n");
  return files.flatMap((file, at) => [
    ...differences(`cyclonedx-python-lib in ${file}`, ours, pinsIn(JSON.parse(read[at] ?? "[]"))),
    ...(hasSyft ? differences(`syft in ${file}`, ours, readBySyft(file, folder)) : []),
  ]);
}

function readBySyft(file: string, folder: string): ReadonlySet<string> {
  const { components } = JSON.parse(output(["syft", "convert", file, "-o", "cyclonedx-json"], folder));
  // In one list it has what nested SBOMs name as well.
  const ours = JSON.parse(readFileSync(join(folder, "ours-1.6.json"), "utf8")).components;
  const purls = new Set(ours.map(({ purl }: { purl: string }) => purl));
  return pinsIn(components.filter(({ purl }: { purl?: string }) => purls.has(purl)));
}

function differences(peer: string, ours: ReadonlySet<string>, theirs: ReadonlySet<string>): string[] {
  const differ = [...ours.symmetricDifference(theirs)];
  return differ.length === 0 ? [] : [`components differ from those of ${peer}: ${differ.join(", ")}`];
}

function componentsIn(document: string): ReadonlySet<string> {
  return pinsIn(JSON.parse(document).components ?? []);
}

function pinsIn(components: readonly { readonly name: string; readonly version: string }[]): ReadonlySet<string> {
  return new Set(components.map(pin));
}

function pin({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name.toLowerCase().replace(/[-_.]+/g, "-")}==${version}`;
}

function output([program, ...argv]: readonly [string, ...string[]], cwd: string): string {
  return execFileSync(program, argv, {
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
}

function tspip(cwd: string, ...argv: string[]) {
  const env = { ...process.env, VIRTUAL_ENV: undefined };
  return spawnSync(process.execPath, [launcher, ...argv], { cwd, env, encoding: "utf8", maxBuffer: 1 << 28 });
}

function venv(): Step[] {
  return [[base, "-m", "venv", ".venv"]];
}

function pip(...argv: string[]): Step {
  return [python, "-m", "pip", "install", "-q", ...argv];
}

function uvInstall(uv: string, ...argv: string[]): Step {
  return [uv, "pip", "install", "-q", "-p", python, ...argv];
}

/** A step that gives the project another build backend. */
function backend(name: string): Step {
  const text = project + backends[name];
  return [base, "-c", "import sys; open('pyproject.toml', 'w').write(sys.argv[1])", text];
}

/** A tool in an environment of its own. */
function tool(name: string, program = name): string {
  const at = join(bench, name);
  if (!existsSync(join(at, "installed"))) {
    execFileSync("python3", ["-m", "venv", at]);
    execFileSync(join(at, "bin/python"), ["-m", "pip", "install", "-q", name], { stdio: "inherit" });
    writeFileSync(join(at, "installed"), "");
  }
  return join(at, "bin", program);
}
