import { readdirSync, readFileSync } from "node:fs";

/** A package of which something is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  /** The texts that its licence wants to go along. */
  readonly notices: readonly string[];
}

const modules = new URL("../../node_modules/", import.meta.url);

/**
 * The packages that `npm run build` has bundled, each version once: it writes their folders, from node_modules down, into
 * dist/bundled.json.
 */
export function bundledPackages(): readonly BundledPackage[] {
  const folders: string[] = JSON.parse(readFileSync(new URL("../../dist/bundled.json", import.meta.url), "utf8"));
  const packages = folders.map((folder) => {
    const at = new URL(`${folder}/`, modules);
    const { name, version, license, author } = JSON.parse(readFileSync(new URL("package.json", at), "utf8"));
    if (typeof license !== "string") throw new Error(`${name} has no licence in its package.json`);
    const files = readdirSync(at).filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file));
    const texts = files.sort().map((file) => readFileSync(new URL(file, at), "utf8").trim());
    return {
      name,
      version,
      license,
      notices:
        texts.length > 0
          ? texts
          : [`It brings no text of its licence; it is by ${author?.name ?? author ?? "its authors"}`],
    };
  });
  return [...new Map(packages.map((each) => [purl(each.name, each.version), each])).values()];
}

/** The file that goes along with every form of the program. */
export function licenseTexts(packages: readonly BundledPackage[]): string {
  const sections = packages.map(({ name, version, license, notices }) =>
    [`${name} ${version} (${license})`, "", ...notices, ""].join("\n"),
  );
  return `tspip is bundled with parts of these packages.\n\n${sections.join(`\n${"-".repeat(80)}\n\n`)}`;
}

/**
 * The program's own SBOM: CycloneDX 1.6, with what is bundled as components.
 * @param tspip the form that it comes in, as a package URL
 * @param executable of the single executable: its digest, in hex, and the version of Node.js in it
 */
export function ownSbom(
  tspip: { readonly version: string; readonly purl: string },
  packages: readonly BundledPackage[],
  executable?: { readonly sha256: string; readonly node: string },
): string {
  const { version, purl: own } = tspip;
  const libraries = packages.map(({ name, version: of, license }) => ({
    type: "library",
    "bom-ref": purl(name, of),
    ...groupAndName(name),
    version: of,
    licenses: [{ expression: license }],
    purl: purl(name, of),
  }));
  const components = executable === undefined ? libraries : [...libraries, runtime(executable.node)];
  const hashes = executable && [{ alg: "SHA-256", content: executable.sha256 }];
  const sbom = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { type: "application", "bom-ref": own, name: "tspip", version, hashes, purl: own } },
    components,
    dependencies: [{ ref: own, dependsOn: components.map((component) => component["bom-ref"]) }],
  };
  return `${JSON.stringify(sbom, null, 2)}\n`;
}

function runtime(version: string) {
  const ref = `pkg:generic/node@${version}`;
  return { type: "platform", "bom-ref": ref, name: "node", version, licenses: [{ license: { id: "MIT" } }], purl: ref };
}

function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

function groupAndName(name: string): { readonly group?: string; readonly name: string } {
  const [, group, own] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  return group === undefined || own === undefined ? { name } : { group, name: own };
}
