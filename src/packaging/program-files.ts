import { readdirSync, readFileSync, statSync } from "node:fs";
import { version } from "../cli/version.ts";
import { bundledPackages, licenseTexts, ownSbom } from "./third-party.ts";

const root = new URL("../../", import.meta.url);

/** What a user needs of a clone, as it lies there: the built program, its documentation of findings, and policies. */
const kept = [
  "LICENSE",
  "README.md",
  "src/launcher.cjs",
  "src/load-built.cjs",
  "dist/",
  "docs/findings.md",
  "policies/",
];

/** The program without anything that it has to be built from, by path; in order, so that archives come out the same. */
export function programFiles(): ReadonlyMap<string, Buffer> {
  const packages = bundledPackages();
  const files = kept.flatMap(pathsBelow).filter((path) => path !== "dist/bundled.json");
  const made = {
    "THIRD-PARTY-LICENSES.txt": licenseTexts(packages),
    "sbom.cdx.json": ownSbom(version, packages),
  };
  const all = [
    ...files.map((path) => [path, readFileSync(new URL(path, root))] as const),
    ...Object.entries(made).map(([path, text]) => [path, Buffer.from(text)] as const),
  ];
  return new Map(all.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function pathsBelow(path: string): string[] {
  if (!path.endsWith("/")) return [path];
  const inside = readdirSync(new URL(path, root), { recursive: true, encoding: "utf8" });
  return inside.map((name) => path + name).filter((name) => statSync(new URL(name, root)).isFile());
}
