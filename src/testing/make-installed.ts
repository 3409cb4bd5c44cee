import { normalizeProjectName } from "../distribution/project-name.ts";
import type { Installed } from "../environment/installed.ts";
import type { Receipt } from "../verdict/receipt.ts";
import { parseMetadata } from "../wheel/metadata.ts";

/** Headers of METADATA beside Metadata-Version, Name and Version; a list is written as one header for each item. */
export type MetadataHeaders = Readonly<Record<string, string | readonly string[]>>;

/** A distribution as a scan would find it, without anything on disk. */
export function makeInstalled(
  name: string,
  version: string,
  headers: MetadataHeaders = {},
  rest: Partial<Pick<Installed, "requested" | "directUrl" | "receipt" | "installer">> = {},
): Installed {
  const lines = Object.entries(headers).flatMap(([header, values]) =>
    [values].flat().map((value) => `${header}: ${value}`),
  );
  const text = ["Metadata-Version: 2.4", `Name: ${name}`, `Version: ${version}`, ...lines, "", ""].join("\n");
  return {
    name: normalizeProjectName(name),
    version,
    site: "/env/lib/python3.13/site-packages",
    distInfo: `${name.toLowerCase().replace(/[-_.]+/g, "_")}-${version}.dist-info`,
    metadata: parseMetadata(text),
    requested: false,
    ...rest,
  };
}

/** The receipt of an admitted wheel; the digest is made up. */
export function makeInstalledReceipt(filename: string, attestations: Receipt["attestations"] = []): Receipt {
  return {
    schema: "tspip-receipt/1",
    tool: "tspip 0.1.0",
    artifact: { filename, url: `https://files.example/${filename}`, size: 1234, hashes: { sha256: "5a".repeat(32) } },
    verdict: { rule: "default", policy: "70".repeat(32) },
    attestations,
  };
}

/** The variables of environment markers of CPython 3.13 on Linux. */
export const linuxMarkers = {
  os_name: "posix",
  sys_platform: "linux",
  platform_machine: "x86_64",
  platform_python_implementation: "CPython",
  platform_release: "6.1.0",
  platform_system: "Linux",
  platform_version: "#1 SMP",
  python_version: "3.13",
  python_full_version: "3.13.1",
  implementation_name: "cpython",
  implementation_version: "3.13.1",
} as const;
