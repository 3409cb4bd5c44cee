import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { version } from "../cli/version.ts";
import { digestOf } from "../distribution/digest.ts";
import { programFiles } from "./program-files.ts";
import { bundledPackages, licenseTexts, ownSbom } from "./third-party.ts";

/** What the program reads of its files; all else is for those who look into a package. */
const isRead = /^dist\/(?!.*\.(?:txt|1)$)|^docs\/findings\.md$|^src\/load-built\.cjs$/;

const purl = `pkg:generic/tspip@${version}?arch=${process.arch}&os=${process.platform}`;

/** The name that Node.js looks for in its own executable, and the mark there that says whether to look. */
const resource = { name: "NODE_SEA_BLOB", fuse: "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2" };

/**
 * The single executable, for the platform it is made on: the Node.js that runs this, with the program in it; beside it
 * what goes along, its licences and its SBOM. The same files and the same Node.js make the same executable.
 * @returns its path
 * @see https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html
 */
export function makeSingleExecutable(directory: string): string {
  if (process.platform !== "linux")
    throw new Error(`The single executable is made and tried on Linux; this is ${process.platform}`);
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `tspip-${version}-${process.platform}-${process.arch}`);
  copyFileSync(process.execPath, path);
  chmodSync(path, 0o755);
  const work = mkdtempSync(join(tmpdir(), "tspip-sea-"));
  try {
    inject(path, preparedBlob(work));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const packages = bundledPackages();
  const executable = { sha256: digestOf(readFileSync(path)), node: process.versions.node };
  writeFileSync(`${path}.cdx.json`, ownSbom({ version, purl }, packages, executable));
  writeFileSync(`${path}.licenses.txt`, [licenseTexts(packages), nodeLicense()].join(`\n${"-".repeat(80)}\n\n`));
  return path;
}

/** The program as Node.js wants it: a first script, and the files that it may ask for. @returns the path of the blob */
function preparedBlob(work: string): string {
  const read = [...programFiles(purl)].filter(([name]) => isRead.test(name));
  const loader = readFileSync(new URL("single-executable-loader.cjs", import.meta.url));
  const files = new Map([["loader.cjs", loader], ...read]);
  for (const [name, content] of files) {
    mkdirSync(dirname(join(work, name)), { recursive: true });
    writeFileSync(join(work, name), content);
  }
  const settings = {
    // Names are seen from the working directory: those of folders would be in the blob.
    main: "loader.cjs",
    output: "blob",
    assets: Object.fromEntries([...files.keys()].map((name) => [name, name])),
    disableExperimentalSEAWarning: true,
    execArgv: ["--disable-warning=ExperimentalWarning"],
  };
  writeFileSync(join(work, "sea.json"), JSON.stringify(settings));
  execFileSync(process.execPath, ["--experimental-sea-config", "sea.json"], { cwd: work, stdio: "pipe" });
  return join(work, settings.output);
}

/** Quietly: the library in postject wonders about names of sections that do not matter. */
function inject(executable: string, blob: string): void {
  const postject = fileURLToPath(import.meta.resolve("postject/dist/cli.js"));
  const argv = [postject, executable, resource.name, blob, "--sentinel-fuse", resource.fuse];
  execFileSync(process.execPath, argv, { stdio: "pipe" });
}

/** Beside bin/, in the archives of Node.js and in the npm package of it. */
function nodeLicense(): string {
  const place = join(dirname(process.execPath), "../LICENSE");
  if (!existsSync(place)) throw new Error(`Node.js has no LICENSE at "${place}", and it has to go along`);
  return `Node.js ${process.versions.node}\n\n${readFileSync(place, "utf8")}`;
}
