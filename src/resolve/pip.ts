import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { normalizeProjectName } from "../distribution/project-name.ts";
import { parseVersion } from "../distribution/version.ts";
import { EnvironmentError, messageOf } from "../errors.ts";
import type { Engine, Pin, Resolution, ResolveRequest } from "./engine.ts";
import { type ProgramAnswer, runProgram } from "./run-program.ts";
import { type Env, isolatedEnv, writeInput } from "./workspace.ts";

/**
 * pip as the engine: `pip install --dry-run --report`, isolated from the user's configuration. It fetches the wheels it
 * chooses, so they pass the gate once more for it than with uv. It keeps no versions that are installed.
 */
export function pipEngine(env: Env): Engine {
  return { name: "pip", resolve: (request) => resolveWithPip(env, request) };
}

async function resolveWithPip(env: Env, request: ResolveRequest): Promise<Resolution> {
  const { directory } = request;
  const files = { ...(await writeInput(request)), report: join(directory, "report.json") };
  const { exitCode, stdout, stderr } = await runPip(env, request, pipArguments(request, files));
  if (exitCode === 0) return { outcome: "resolved", pins: readReport(await readFile(files.report, "utf8")) };
  const explanation = `${stdout}${stderr}`.trim();
  if (/ResolutionImpossible|No matching distribution found/.test(explanation))
    return { outcome: "impossible", explanation };
  throw new EnvironmentError("resolver-failed", `pip ends with exit code ${exitCode}\n${explanation}`);
}

/** The interpreter's own pip; where it has none, the one on PATH works for it. */
async function runPip(
  env: Env,
  { python, directory, signal }: ResolveRequest,
  args: readonly string[],
): Promise<ProgramAnswer> {
  const options = {
    env: {
      ...isolatedEnv(env, directory),
      PIP_CONFIG_FILE: "/dev/null",
    },
    cwd: directory,
    signal,
  };
  const own = await runProgram(python, ["-I", "-m", "pip", ...args], options);
  if (!/No module named pip\b/.test(own.stderr)) return own;
  return runProgram("pip", ["--python", python, ...args], options);
}

function pipArguments(
  { index, prereleases, withDependencies }: ResolveRequest,
  files: Readonly<Record<"requirements" | "constraints" | "report", string>>,
): string[] {
  return [
    ...["install", "--dry-run", "--ignore-installed", "--report", files.report, "--quiet", "--isolated"],
    ...["--no-input", "--no-cache-dir", "--disable-pip-version-check", "--no-color", "--progress-bar", "off"],
    ...["--retries", "0", "--timeout", "600", "--only-binary", ":all:", "--index-url", index.href],
    ...["-r", files.requirements, "-c", files.constraints],
    ...(prereleases ? ["--pre"] : []),
    ...(withDependencies ? [] : ["--no-deps"]),
  ];
}

/** PyPA: pip's installation report, version 1. */
function readReport(text: string): Pin[] {
  try {
    const { install } = JSON.parse(text) as { install: { metadata: { name: string; version: string } }[] };
    return install.map(({ metadata: { name, version } }) => ({
      name: normalizeProjectName(name),
      version: parseVersion(version),
    }));
  } catch (error) {
    throw new EnvironmentError("resolver-failed", `pip's report cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
