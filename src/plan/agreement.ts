import type { PinnedDigest } from "../distribution/artifact.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import { satisfies } from "../distribution/specifier.ts";
import type { Version } from "../distribution/version.ts";
import { UsageError } from "../errors.ts";
import type { RequestedRequirement } from "./plan-request.ts";

/** Whether all that is said of one project can be true. */

/**
 * @param chosen what has the version, and where it stands
 * @throws UsageError `requirements-conflict`
 */
export function checkAgreement(
  narrowing: readonly RequestedRequirement[],
  version: Version,
  chosen: { readonly text: string; readonly place: string },
): void {
  for (const { requirement, place } of narrowing) {
    if (satisfies(requirement.specifiers, version)) continue;
    throw new UsageError(
      "requirements-conflict",
      `${place}: "${requirement.text}" contradicts "${chosen.text}" (${chosen.place})`,
    );
  }
}

/** @throws UsageError `requirements-conflict` */
export function agreedPins(all: readonly (readonly PinnedDigest[])[], name: ProjectName): readonly PinnedDigest[] {
  return all.reduce((a, b) => commonPins(a, b, name), []);
}

/** As pip has it: several `--hash` of one requirement are alternatives, and two requirements must agree on one. */
export function commonPins(
  a: readonly PinnedDigest[],
  b: readonly PinnedDigest[],
  name: ProjectName,
): readonly PinnedDigest[] {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const common = a.filter((pin) => b.some(({ algorithm, hex }) => algorithm === pin.algorithm && hex === pin.hex));
  if (common.length > 0) return common;
  throw new UsageError("requirements-conflict", `Two requirements pin different hashes for "${name}"`);
}
