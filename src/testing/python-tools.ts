import { execFileSync } from "node:child_process";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";

/** Installers in the versions that the slow tests are for. PDM does not start with hishel 2, which it admits by itself. */
const tools = { pdm: "pdm[locked]==2.29.3", poetry: "poetry==2.5.1", pipenv: "pipenv==2026.10.3" } as const;
export type PythonTool = keyof typeof tools;

/**
 * A PATH on which the tool is in its version, which uv fetches once and keeps for later runs; nothing without uv or an
 * index to fetch from.
 */
export function pathWith(tool: PythonTool): string | undefined {
  const folder = join(tmpdir(), `tspip-test-tools-${userInfo().uid}`);
  const bin = join(folder, "bin");
  const env = { ...process.env, UV_TOOL_DIR: join(folder, "tools"), UV_TOOL_BIN_DIR: bin };
  try {
    execFileSync("uv", ["tool", "install", "--quiet", tools[tool]], { env, stdio: "ignore" });
    return `${bin}${delimiter}${process.env.PATH}`;
  } catch {
    return undefined;
  }
}

/** Options of a test that needs the tool. */
export function skipWithoutTool(path: string | undefined, tool: PythonTool): { readonly skip?: string } {
  return path === undefined ? { skip: `uv cannot fetch ${tool}` } : {};
}
