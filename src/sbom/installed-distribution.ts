import type { Digests } from "../distribution/digest.ts";
import type { Installed } from "../environment/installed.ts";
import type { RecordRow } from "../wheel/record.ts";

/** What the SBOM needs to know of an installed distribution: no path outside its `.dist-info`. */
export type InstalledDistribution = Pick<
  Installed,
  "name" | "version" | "distInfo" | "metadata" | "installer" | "requested" | "directUrl" | "provenanceUrl" | "receipt"
> &
  Partial<Described>;

/** What is known where more was asked for, or of a distribution that is not installed. */
export interface Described {
  /** Where it is known from; it is installed unless told. */
  readonly from: "wheel" | "lock" | "requirements";
  /** The archives it may be installed from; the first is the one there is when there is no other. */
  readonly archives: readonly Archive[];
  /** Extras that were asked for with it. */
  readonly extras: readonly string[];
  /** Documents in `.dist-info/sboms` (PEP 770). */
  readonly nested: readonly TextFile[];
  readonly licenseTexts: readonly TextFile[];
  /** Every file, when files are to be listed. */
  readonly files: readonly RecordRow[];
}

export interface Archive {
  readonly filename?: string;
  readonly url?: string;
  readonly digests: Digests;
}

export interface TextFile {
  /** In the `.dist-info` folder. */
  readonly path: string;
  readonly text: string;
}
