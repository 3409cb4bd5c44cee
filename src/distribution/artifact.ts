import type { ByteSource, SharedBytes } from "./byte-source.ts";
import type { Digests, HashAlgorithm } from "./digest.ts";
import type { ArtifactFilename } from "./filename.ts";

/**
 * What an index says about the provenance of a file (Simple API 1.3, PEP 740): a URL; `none` when it says `null`;
 * `unknown` when it does not speak of provenance at all, as mirrors and older indexes do; `unasked` when the reference
 * comes from a lock file and the index's page was not read yet.
 */
export type ProvenanceLink = URL | "none" | "unknown" | "unasked";

/** A digest the user named, by `--hash` or in a lock file. */
export interface PinnedDigest {
  readonly algorithm: HashAlgorithm;
  /** Lower-case hex. */
  readonly hex: string;
  /**
   * What has it of this very file: a lock, or a bundle, whose maker pinned it. Digests by several algorithms are all the
   * file's then. Absent where they are alternatives, as several `--hash` of one requirement are.
   */
  readonly by?: "lock" | "bundle";
}

/** What an index, a folder or the user promises. Nothing about the bytes is known yet. */
export interface ArtifactRef {
  readonly filename: ArtifactFilename;
  /** Where the bytes are: `https:`, `http:` on loopback, or `file:`. Never holds credentials. */
  readonly url: URL;
  /** Digests the index promised; empty when it named none that is secure. */
  readonly digests: Digests;
  /** Digests the user pinned, if any: the bytes must have one of them. */
  readonly pins?: readonly PinnedDigest[];
  /** Where the promise comes from. */
  readonly source: ArtifactSource;
  /** Bytes, when the index says so (Simple API 1.1). */
  readonly size?: number;
  /** The specifier set as the index wrote it. METADATA decides; this only helps to skip. */
  readonly requiresPython?: string;
  /** The reason, possibly empty, when the file is yanked (PEP 592). */
  readonly yanked?: string;
  /** How the index marks the project, unless that is as active (PEP 792). */
  readonly projectStatus?: ProjectStatus;
  /** When the index took the file (Simple API 1.1). */
  readonly uploadTime?: Date;
  /** The version of an earlier release of which the index has provenance, where there is one. */
  readonly attestedBefore?: string;
  /** Digests of the `.metadata` file beside the artifact (PEP 658, 714), when the index serves one. */
  readonly coreMetadata?: Digests;
  readonly provenance: ProvenanceLink;
}

/** The state of a project as its index marks it (PyPA: project status markers, formerly PEP 792). */
export interface ProjectStatus {
  /** `archived`, `deprecated`, `quarantined`; other words may come. */
  readonly status: string;
  readonly reason?: string;
}

/** An index page, a folder or page of links, or a file that the user named. */
export type ArtifactSource =
  | { readonly kind: "index"; readonly url: URL }
  | { readonly kind: "find-links"; readonly url: URL }
  | { readonly kind: "direct" };

/** Bytes we hold open, and the digest computed while they were written or read. */
export interface Artifact {
  readonly ref: ArtifactRef;
  /** Inspecting and unpacking read through this one open file, so the bytes judged are the bytes unpacked. */
  readonly bytes: ByteSource;
  /** The same, for other threads. */
  readonly shared: SharedBytes;
  /** Where it lies, if it does; its last part is the artifact's file name. */
  readonly path: string;
  /** Lower-case hex digests computed by us: sha256 always, others where somebody promised one. */
  readonly digests: Digests & { readonly sha256: string };
  readonly size: number;
  /** Of a file that lies where the user may write to it: whether it is still what was hashed. Left out of private ones. */
  readonly isUnchanged?: () => boolean;
  close(): Promise<void>;
}

/** The same for two references to one file, also where one says more of it than the other. */
export function fileKey({ filename, url, digests }: ArtifactRef): string {
  return JSON.stringify([filename.text, url.href, digests]);
}
