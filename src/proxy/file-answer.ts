import type { Artifact } from "../distribution/artifact.ts";
import type { Finding } from "../verdict/finding.ts";

/** Bytes that were admitted, which whoever made the answer keeps open; or why there are none. */
export type FileAnswer = { readonly isAdmitted: true; readonly artifact: Artifact } | RefusedFile;

/** Refused for good, or left open because evidence could not be had. */
export interface RefusedFile {
  readonly isAdmitted: false;
  readonly decision: "deny" | "undecided";
  readonly findings: readonly Finding[];
}
