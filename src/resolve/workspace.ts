import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ResolveRequest } from "./engine.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** What an engine may know of our environment: where programs and shared libraries are. */
const handedOn = ["PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "PYENV_ROOT", "PYENV_VERSION"];

/** An environment without the user's configuration, credentials and proxies; all there is to reach is on loopback. */
export function isolatedEnv(env: Env, home: string): Record<string, string> {
  const known = handedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  return { ...Object.fromEntries(known), HOME: home, NO_PROXY: "127.0.0.1" };
}

/** Writes requirements and constraints as the files that engines read. */
export async function writeInput({
  directory,
  requirements,
  constraints,
}: ResolveRequest): Promise<{ readonly requirements: string; readonly constraints: string }> {
  const paths = { requirements: join(directory, "requirements.in"), constraints: join(directory, "constraints.txt") };
  await writeFile(paths.requirements, `${requirements.join("\n")}\n`);
  await writeFile(paths.constraints, `${constraints.join("\n")}\n`);
  return paths;
}
