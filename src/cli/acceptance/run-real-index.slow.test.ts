import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathWith } from "../../testing/python-tools.ts";
import { python, skipWithout } from "../../testing/scene.ts";
import { temporaryFolder } from "../../testing/tree.ts";
import { typeCommand } from "../../testing/type-command.ts";

/** Real installers with a project of more than 20 packages from the configured index, behind the gate. */

const needs = ["flask", "requests", "rich", "httpx", "pytest", "sqlalchemy"];
const fewest = 20;
const pythonVersion =
  python &&
  execFileSync(python, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], { encoding: "utf8" }).trim();
/** Named, as poetry by itself reads JSON only, which mirrors may not have. */
const source = '[[tool.poetry.source]]\nname = "configured"\nurl = "https://pypi.org/simple/"\npriority = "primary"\n';

interface Client {
  readonly name: string;
  readonly path: string | undefined;
  /** Of which the lock is written before, which it does on its own. */
  readonly lockFirst?: readonly string[];
  readonly argv: readonly string[];
}

const clients: readonly Client[] = [
  { name: "pip", path: process.env.PATH, argv: [".venv/bin/python", "-m", "pip", "install", ...needs] },
  { name: "uv pip", path: process.env.PATH, argv: ["uv", "pip", "install", "-p", ".venv", ...needs] },
  { name: "uv sync", path: process.env.PATH, argv: ["uv", "sync"] },
  { name: "pdm", path: pathWith("pdm"), argv: ["pdm", "install"] },
  { name: "poetry", path: pathWith("poetry"), lockFirst: ["poetry", "lock"], argv: ["poetry", "install"] },
];

for (const { name, path, lockFirst, argv } of clients) {
  test(
    `run: ${name} installs more than ${fewest} packages from the configured index`,
    skipWithoutAll(path),
    async (context) => {
      using folder = temporaryFolder();
      const dependencies = JSON.stringify(needs);
      writeFileSync(
        join(folder.path, "pyproject.toml"),
        `[project]\nname = "project"\nversion = "1"\nrequires-python = ">=${pythonVersion},<4"\ndependencies = ${dependencies}\n[tool.pdm]\ndistribution = false\n[tool.poetry]\npackage-mode = false\n${source}`,
      );
      const venv = join(folder.path, ".venv");
      execFileSync(python ?? "", ["-m", "venv", ...(name === "pip" ? [] : ["--without-pip"]), venv]);
      const env = {
        ...process.env,
        PATH: path,
        HOME: folder.path,
        VIRTUAL_ENV: venv,
        POETRY_VIRTUALENVS_IN_PROJECT: "true",
      };
      const [program = "", ...rest] = lockFirst ?? [];
      const lock = program === "" ? undefined : spawnSync(program, rest, { cwd: folder.path, env, stdio: "ignore" });
      // tspip has no part in that, and its failure says nothing of tspip.
      if (lock !== undefined && lock.status !== 0) return context.skip(`${program} alone could not write its lock`);
      const run = ["run", "--format", "json=report.json", "--sbom", "sbom.json", "--", ...argv];
      const { exitCode, stdout, stderr } = await typeCommand(folder.path, run, { env });
      assert.equal(exitCode, 0, stdout + stderr);
      const [lib = ""] = readdirSync(join(venv, "lib"));
      const there = readdirSync(join(venv, "lib", lib, "site-packages")).filter((entry) =>
        entry.endsWith(".dist-info"),
      );
      const installed = there.filter((entry) => !/^(?:pip|setuptools)-/.test(entry)).map(nameOf);
      assert.ok(installed.length > fewest, installed.join(" "));
      const report = JSON.parse(readFileSync(join(folder.path, "report.json"), "utf8"));
      const judged = new Set(report.artifacts.map((artifact: { name: string }) => artifact.name));
      assert.deepEqual(
        installed.filter((project) => !judged.has(project)),
        [],
        "all of it was judged",
      );
      assert.match(readFileSync(join(folder.path, "sbom.json"), "utf8"), /"name": ?"rich"/);
    },
  );
}

function nameOf(distInfo: string): string {
  return distInfo
    .slice(0, distInfo.indexOf("-"))
    .replace(/[-_.]+/g, "-")
    .toLowerCase();
}

function skipWithoutAll(path: string | undefined): { skip?: string } {
  if (path === undefined) return { skip: "uv cannot fetch the tool" };
  const skipped = [skipWithout("uv"), skipWithout("pip")].find(({ skip }) => skip !== undefined);
  return skipped ?? (hasIndex() ? {} : { skip: "there is no index" });
}

function hasIndex(): boolean {
  try {
    execFileSync(python ?? "", ["-m", "pip", "index", "versions", "six"], { stdio: "ignore", timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}
