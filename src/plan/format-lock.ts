import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { ArtifactRef } from "../distribution/artifact.ts";
import type { Digests } from "../distribution/digest.ts";
import type { MarkerEnvironment } from "../distribution/marker.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import type { Version } from "../distribution/version.ts";
import { compareText } from "../encoding/compare-text.ts";
import { tomlText } from "../encoding/toml-text.ts";
import type { PublisherTable } from "../trust/publisher-table.ts";

/** What a lock file is written from. */
export interface LockedSet {
  /** The environment it was resolved for: markers have been evaluated, so it holds for no other. */
  readonly markers: MarkerEnvironment;
  readonly packages: readonly LockedRelease[];
}

/** One release with the files that may be installed of it; each has a secure digest. */
export interface LockedRelease {
  readonly name: ProjectName;
  readonly version: Version;
  readonly requiresPython?: string;
  readonly files: readonly (ArtifactRef & { readonly digests: Digests })[];
  /** Who signed, by verified attestations. */
  readonly identities: readonly PublisherTable[];
}

/**
 * Writes a lock file (PEP 751). The same set gives the same text: packages and files are sorted, and nothing says when.
 * @param folder where the file goes: local files are named relative to it
 */
export function formatLock({ markers, packages }: LockedSet, folder: string): string {
  const sorted = packages.toSorted((a, b) => compareText(a.name, b.name));
  const head = [
    `lock-version = "1.0"`,
    `environments = [${tomlText(environmentMarker(markers))}]`,
    `requires-python = ${tomlText(`==${markers.python_version}.*`)}`,
    `created-by = "tspip"`,
  ];
  return [head, ...sorted.map((release) => formatRelease(release, folder))]
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

function environmentMarker({ sys_platform, platform_machine, implementation_name }: MarkerEnvironment): string {
  const facts = { sys_platform, platform_machine, implementation_name };
  return Object.entries(facts)
    .map(([name, value]) => `${name} == '${value}'`)
    .join(" and ");
}

function formatRelease({ name, version, requiresPython, files, identities }: LockedRelease, folder: string): string[] {
  const [first] = files;
  return [
    "[[packages]]",
    `name = ${tomlText(name)}`,
    `version = ${tomlText(version.text)}`,
    ...(requiresPython === undefined ? [] : [`requires-python = ${tomlText(requiresPython)}`]),
    ...(first?.source.kind === "index" ? [`index = ${tomlText(first.source.url.href)}`] : []),
    "wheels = [",
    ...files
      .toSorted((a, b) => compareText(a.filename.text, b.filename.text))
      .map((file) => `  { ${formatFile(file, folder)} },`),
    "]",
    ...identities.flatMap((identity) => ["", "[[packages.attestation-identities]]", ...formatIdentity(identity)]),
  ];
}

function formatFile({ filename, url, size, uploadTime, digests }: ArtifactRef, folder: string): string {
  const place =
    url.protocol === "file:"
      ? `path = ${tomlText(relative(folder, fileURLToPath(url)))}`
      : `url = ${tomlText(url.href)}`;
  const hashes = Object.entries(digests).map(([algorithm, hex]) => `${algorithm} = ${tomlText(hex)}`);
  return [
    `name = ${tomlText(filename.text)}`,
    ...(uploadTime === undefined ? [] : [`upload-time = ${uploadTime.toISOString()}`]),
    place,
    ...(size === undefined ? [] : [`size = ${size}`]),
    `hashes = { ${hashes.join(", ")} }`,
  ].join(", ");
}

function formatIdentity(identity: PublisherTable): string[] {
  return Object.entries(identity)
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([key, value]) => `${key} = ${tomlText(value)}`);
}
