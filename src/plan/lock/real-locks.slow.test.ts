import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Report } from "../../cli/report/report.ts";
import { pathWith, skipWithoutTool } from "../../testing/python-tools.ts";
import { python, skipWithout } from "../../testing/scene.ts";
import { temporaryFolder } from "../../testing/tree.ts";
import { typeCommand } from "../../testing/type-command.ts";
import { parseLockFile } from "../parse-lock-file.ts";

/** Lock files as the tools themselves write them today, for much-used projects from the configured index. */

const projects = ["flask", "requests", "fastapi[standard]", "boto3", "django", "pandas", "jupyterlab", "scikit-learn"];
const source = '[[tool.poetry.source]]\nname = "configured"\nurl = "https://pypi.org/simple/"\npriority = "primary"\n';

interface Tool {
  readonly lock: string;
  readonly path: string | undefined;
  readonly commands: readonly (readonly string[])[];
  /** Tools that take a minute for large projects lock the small ones. */
  readonly projects: readonly string[];
}

const tools: Readonly<Record<string, Tool & { readonly skip?: string }>> = {
  uv: {
    lock: "uv.lock",
    path: process.env.PATH,
    commands: [["uv", "lock", "--quiet"]],
    projects,
    ...skipWithout("uv"),
  },
  "uv export": {
    lock: "pylock.toml",
    path: process.env.PATH,
    commands: [["uv", "export", "--quiet", "--format", "pylock.toml", "--output-file", "pylock.toml"]],
    projects,
    ...skipWithout("uv"),
  },
  pdm: toolOf("pdm", "pdm.lock", ["pdm", "lock"]),
  poetry: toolOf("poetry", "poetry.lock", ["poetry", "lock"]),
  pipenv: toolOf("pipenv", "Pipfile.lock", ["pipenv", "lock"]),
};

function toolOf(
  name: "pdm" | "poetry" | "pipenv",
  lock: string,
  command: readonly string[],
): Tool & { readonly skip?: string } {
  const path = pathWith(name);
  return { lock, path, commands: [command], projects: projects.slice(0, 2), ...skipWithoutTool(path, name) };
}

for (const [name, { lock, path, commands, projects, ...options }] of Object.entries(tools)) {
  for (const project of projects) {
    test(`${lock} of ${project} by ${name}`, options, async (context) => {
      using folder = temporaryFolder();
      writeFileSync(
        join(folder.path, "pyproject.toml"),
        `[project]\nname = "project"\nversion = "1"\nrequires-python = ">=3.11,<4"\ndependencies = ["${project}"]\n[tool.pdm]\ndistribution = false\n[tool.poetry]\npackage-mode = false\n${source}`,
      );
      writeFileSync(
        join(folder.path, "Pipfile"),
        `[[source]]\nname = "pypi"\nurl = "https://pypi.org/simple/"\nverify_ssl = true\n[packages]\n${pipfileLine(project)}\n`,
      );
      const env = {
        ...process.env,
        PATH: path,
        HOME: folder.path,
        PDM_PYTHON: python,
        PIPENV_DEFAULT_PYTHON_VERSION: python,
        PIPENV_PYPI_MIRROR: process.env.PIP_INDEX_URL,
        PIPENV_VENV_IN_PROJECT: "1",
        PIPENV_IGNORE_VIRTUALENVS: "1",
      };
      try {
        for (const [program = "", ...argv] of commands)
          execFileSync(program, argv, { cwd: folder.path, env, stdio: "pipe", timeout: 240_000 });
      } catch (error) {
        return context.skip(`it cannot be made here: ${String(error).slice(0, 200)}`);
      }
      const { packages, select } = parseLockFile(
        readFileSync(join(folder.path, lock), "utf8"),
        join(folder.path, lock),
      );
      const selected = select({ extras: [], groups: lock === "uv.lock" ? [] : ["main"] }, linux).map(
        ({ name }) => name,
      );
      assert.ok(selected.includes(project.replace(/\[.*/, "") as never), `${project} is in ${selected.join(" ")}`);
      assert.ok(packages.length >= selected.length);
      for (const { name, files, pins, unsupported } of packages) {
        assert.equal(unsupported, undefined, name);
        // A Pipfile.lock names no files: the index says which have the digests.
        assert.ok(files.length + pins.length > 0, name);
      }
      if (name !== "pipenv") return;
      const gate = ["verify", "--lock", lock, "--python", python ?? "", "--format", "json", "--no-cache-dir"];
      const { exitCode, stdout, stderr } = await typeCommand(folder.path, gate, { env: process.env });
      assert.equal(exitCode, 0, stderr || stdout);
      const report: Report = JSON.parse(stdout);
      const gated = report.artifacts.map(({ name }) => name);
      assert.ok(gated.includes(project), gated.join(" "));
      assert.ok(gated.every((one) => packages.some(({ name }) => name === one)));
    });
  }
}

/** `flask = "*"`, `fastapi = { version = "*", extras = ["standard"] }` */
function pipfileLine(project: string): string {
  const [name, extra] = project.replace("]", "").split("[");
  return `${name} = ${extra === undefined ? '"*"' : `{ version = "*", extras = ["${extra}"] }`}`;
}

const linux = {
  python_version: "3.11",
  python_full_version: "3.11.7",
  os_name: "posix",
  sys_platform: "linux",
  platform_machine: "x86_64",
  platform_python_implementation: "CPython",
  platform_release: "6.1",
  platform_system: "Linux",
  platform_version: "#1",
  implementation_name: "cpython",
  implementation_version: "3.11.7",
};
