import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseFilename } from "../../distribution/filename.ts";

/** Where the wheels lie, out of the way of git. */
const realWheelsFolder = fileURLToPath(new URL("../../../.real-wheels/", import.meta.url));

/**
 * The wheels of list.txt, as pip downloads them: for one platform, whatever this one is. What is there already is not
 * asked for again.
 * @returns their paths
 */
export function downloadRealWheels(folder: string = realWheelsFolder): string[] {
  mkdirSync(folder, { recursive: true });
  const there = new Set(wheelsIn(folder).map(pinOf));
  const list = readFileSync(new URL("list.txt", import.meta.url), "utf8").split("\n");
  const pins = list.filter((line) => /^[a-z]/.test(line));
  const missing = pins.filter((pin) => !there.has(pin));
  if (missing.length > 0) {
    const platforms = ["any", ...["manylinux_2_34", "manylinux_2_28", "manylinux2014"].map((name) => `${name}_x86_64`)];
    const python = ["--python-version", "3.11.9", "--implementation", "cp"];
    const target = [...python, ...platforms.flatMap((tag) => ["--platform", tag])];
    const argv = ["download", "--quiet", "--no-deps", "--only-binary", ":all:", ...target, "-d", folder, ...missing];
    execFileSync("python3", ["-m", "pip", ...argv], { stdio: ["ignore", "ignore", "inherit"] });
  }
  return wheelsIn(folder).map((name) => join(folder, name));
}

function wheelsIn(path: string): string[] {
  return readdirSync(path).filter((name) => name.endsWith(".whl"));
}

/** A wheel as list.txt names it. */
function pinOf(wheel: string): string {
  const { name, version } = parseFilename(wheel);
  return `${name}==${version.text}`;
}
