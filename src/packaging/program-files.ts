import { readdirSync, readFileSync, statSync } from "node:fs";
import { version } from "../cli/version.ts";
import { readmeForRegistry } from "./readme.ts";
import { bundledPackages, licenseTexts, ownSbom } from "./third-party.ts";

const root = new URL("../../", import.meta.url);

/** What a user needs of a clone, as it lies there: the built program, its documentation of findings, and policies. */
const kept = ["LICENSE", "src/launcher.cjs", "src/load-built.cjs", "dist/", "docs/findings.md", "policies/"];

/** What the packages take from package.json. */
export interface Manifest {
  readonly description: string;
  readonly license: string;
  readonly repository?: { readonly url: string };
}

/**
 * The program without anything that it has to be built from, by path; in order, so that archives come out the same.
 * @param purl of the form that they are for
 */
export function programFiles(purl: string): ReadonlyMap<string, Buffer> {
  const packages = bundledPackages();
  const files = kept.flatMap(pathsBelow).filter((path) => path !== "dist/bundled.json");
  const made = {
    "README.md": registryReadme(),
    "THIRD-PARTY-LICENSES.txt": licenseTexts(packages),
    "sbom.cdx.json": ownSbom({ version, purl }, packages),
  };
  const all = [
    ...files.map((path) => [path, readFileSync(new URL(path, root))] as const),
    ...Object.entries(made).map(([path, text]) => [path, Buffer.from(text)] as const),
  ];
  return new Map(all.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

/** The README, for the page of a registry. */
export function registryReadme(): string {
  const { repository } = manifest();
  return readmeForRegistry(readFileSync(new URL("README.md", root), "utf8"), { repository: repository?.url, version });
}

/** Of the clone. */
export function manifest(): Manifest {
  return JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
}

function pathsBelow(path: string): string[] {
  if (!path.endsWith("/")) return [path];
  const inside = readdirSync(new URL(path, root), { recursive: true, encoding: "utf8" });
  return inside.map((name) => path + name).filter((name) => statSync(new URL(name, root)).isFile());
}
