import type { PinnedDigest } from "../distribution/artifact.ts";
import { type ArtifactFilename, parseFilename } from "../distribution/filename.ts";
import knownPip from "./known-pip.json" with { type: "json" };
import knownUv from "./known-uv.json" with { type: "json" };

/** A program that is put into an environment before anything else is, so that nothing in there can vouch for it. */
export interface Tool {
  readonly name: ToolName;
  /** The GitHub repository and workflow that publish it. */
  readonly repository: string;
  readonly workflow: string;
  /** Whether its releases are published from the tag that is named like the version. */
  readonly hasVersionTags: boolean;
  /** Wheels of releases that tspip knows, by file name. */
  readonly knownWheels: ReadonlyMap<string, KnownWheel>;
  /** The day on which `knownWheels` was written, `YYYY-MM-DD`. */
  readonly knownSince: string;
}

/** A published wheel. */
export interface KnownWheel {
  readonly filename: ArtifactFilename;
  readonly digests: { readonly sha256: string };
  readonly requiresPython?: string;
}

const toolNames = ["pip", "uv"] as const;
export type ToolName = (typeof toolNames)[number];

/** Its releases are pinned as the index had them on that day; `npm run known-releases` writes the files. */
export function toolNamed(name: ToolName): Tool {
  switch (name) {
    case "pip":
      // pip, .github/workflows/release.yml: runs when a tag is pushed, and tags are bare versions.
      return { name, repository: "pypa/pip", workflow: "release.yml", hasVersionTags: true, ...readKnown(knownPip) };
    case "uv":
      return {
        name,
        repository: "astral-sh/uv",
        workflow: "release.yml",
        hasVersionTags: false,
        ...readKnown(knownUv),
      };
  }
}

/** The form of the files. */
interface KnownFile {
  readonly taken: string;
  readonly wheels: readonly { readonly filename: string; readonly sha256: string; readonly requiresPython?: string }[];
}

function readKnown({ taken, wheels }: KnownFile): Pick<Tool, "knownWheels" | "knownSince"> {
  const rows = wheels.map(({ filename, sha256, requiresPython }): [string, KnownWheel] => [
    filename,
    {
      filename: parseFilename(filename),
      digests: { sha256 },
      ...(requiresPython !== undefined && { requiresPython }),
    },
  ]);
  return { knownWheels: new Map(rows), knownSince: taken };
}

/** The digest that a wheel must have as it bears the name of a published one; none when tspip does not know it. */
export function pinOf({ knownWheels }: Tool, filename: string): PinnedDigest | undefined {
  const known = knownWheels.get(filename);
  return known && { algorithm: "sha256", hex: known.digests.sha256 };
}
