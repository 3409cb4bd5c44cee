import type { Installed } from "../environment/installed.ts";

/** What the SBOM needs to know of an installed distribution: no path outside its `.dist-info`, no file list. */
export type InstalledDistribution = Pick<
  Installed,
  "name" | "version" | "distInfo" | "metadata" | "installer" | "requested" | "directUrl" | "receipt"
>;
