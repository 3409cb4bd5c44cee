import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { python, type Scene } from "./scene.ts";

/** A real pip for tests: the wheel that CPython brings along for ensurepip, whose digest tspip knows. */
export const ownPip: string = bundledPip() ?? "";
export const needsPip = ownPip === "" ? { skip: "there is no python3 with a wheel of pip" } : {};

/** Where pypi.org cannot be reached, and this machine can. */
export const offTheNet = { HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "localhost" };

/** Offers the wheel on the scene's index. @returns its version */
export function offerOwnPip({ index }: Scene): string {
  index.add({ filename: basename(ownPip), bytes: readFileSync(ownPip) });
  return /pip-([^-]+)-/.exec(basename(ownPip))?.[1] ?? "";
}

/** A virtual environment `env` without pip. */
export function makeEnv({ folder }: Scene): void {
  execFileSync(python ?? "", ["-m", "venv", "--without-pip", join(folder, "env")]);
}

/** What the pip of `env` answers. */
export function pipIn({ folder }: Scene, ...argv: string[]): string {
  return execFileSync(join(folder, "env/bin/python"), ["-m", "pip", ...argv], { encoding: "utf8" });
}

function bundledPip(): string | undefined {
  const script = "import ensurepip, os; print(os.path.join(os.path.dirname(ensurepip.__file__), '_bundled'))";
  try {
    const folder = execFileSync(python ?? "", ["-c", script], { encoding: "utf8" }).trim();
    const name = readdirSync(folder).find((name) => /^pip-.*\.whl$/.test(name));
    return name === undefined ? undefined : join(folder, name);
  } catch {
    return undefined;
  }
}
