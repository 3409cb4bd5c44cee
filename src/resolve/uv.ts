import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EnvironmentError } from "../errors.ts";
import type { Engine, EnginePlace, Pin, Resolution, ResolveRequest } from "./engine.ts";
import { formatPins, parsePins } from "./pins.ts";
import { runProgram } from "./run-program.ts";
import { type Env, isolatedEnv, writeInput } from "./workspace.ts";

/**
 * uv as the engine: `uv pip compile`, isolated from the user's configuration, cache and indexes, so that it sees our
 * index and nothing else. It builds nothing and fetches no interpreter.
 */
export function uvEngine(program: string, env: Env): Engine {
  return {
    name: "uv",
    prepare: (place) => prepareUv(program, env, place),
    resolve: (request) => resolveWithUv(program, env, request),
  };
}

/** uv keeps what an interpreter says of itself in its cache, by path and time of change; to be told takes most of its start. */
async function prepareUv(program: string, env: Env, { python, cache, signal }: EnginePlace): Promise<void> {
  const args = ["python", "find", "--no-config", "--no-project", "--no-python-downloads", "--cache-dir", cache, python];
  const folder = dirname(cache);
  // What it has against the interpreter, `resolve` hears as well.
  await runProgram(program, args, { env: uvEnv(env, folder), cwd: folder, signal }).catch(() => {});
}

function uvEnv(env: Env, home: string): Record<string, string> {
  return { ...isolatedEnv(env, home), UV_NO_CONFIG: "1", UV_PYTHON_DOWNLOADS: "never" };
}

async function resolveWithUv(program: string, env: Env, request: ResolveRequest): Promise<Resolution> {
  const { directory, signal } = request;
  const files = { ...(await writeInput(request)), pins: join(directory, "requirements.txt") };
  // uv keeps the pins of an output file that is there already.
  await writeFile(files.pins, formatPins(request.preferred));
  const { exitCode, stderr } = await runProgram(program, uvArguments(request, files), {
    env: {
      ...uvEnv(env, directory),
      // Our index asks again where that helps.
      UV_HTTP_RETRIES: "0",
      // Pages are asked of us while we ask upstream, which may take its time.
      UV_HTTP_TIMEOUT: "600",
    },
    cwd: directory,
    signal,
  });
  if (exitCode === 0) return { outcome: "resolved", pins: await readPins(files.pins) };
  const explanation = stderr.trim().replace(/^error: /, "");
  // uv: 1 is an answer, 2 an inability.
  if (exitCode === 1) return { outcome: "impossible", explanation };
  throw new EnvironmentError("resolver-failed", `uv ends with exit code ${exitCode}\n${explanation}`);
}

function uvArguments(
  { index, python, cache, prereleases, withDependencies }: ResolveRequest,
  files: Readonly<Record<"requirements" | "constraints" | "pins", string>>,
): string[] {
  return [
    ...["pip", "compile", files.requirements, "--constraints", files.constraints, "--output-file", files.pins],
    ...["--quiet", "--no-progress", "--color", "never", "--no-header", "--no-annotate"],
    ...["--no-config", "--cache-dir", cache, "--no-python-downloads", "--no-sources", "--only-binary", ":all:"],
    ...["--python", python, "--default-index", index.href],
    ...(prereleases ? ["--prerelease", "allow"] : []),
    ...(withDependencies ? [] : ["--no-deps"]),
  ];
}

async function readPins(path: string): Promise<Pin[]> {
  return parsePins(await readFile(path, "utf8"));
}
