import { isVersion, parseVersion } from "../../distribution/version.ts";
import { ArtifactError } from "../../errors.ts";
import { type UnmetDependency, unmetDependencies } from "../../plan/dependencies.ts";
import { finding } from "../../verdict/finding.ts";
import { isFindingId } from "../../verdict/finding-catalog.ts";
import type { AuditFinding } from "../audit-finding.ts";
import type { Facts } from "../facts.ts";

/** What the distributions need of each other, by their METADATA, is there in a version that fits. */
export function* dependencies({ installed, environment: { markers } }: Facts): Generator<AuditFinding> {
  const provided = installed.flatMap(({ name, version, metadata: { requiresDist } }) =>
    isVersion(version) ? [{ name, version: parseVersion(version), requiresDist, extras: [] }] : [],
  );
  let unmet: readonly UnmetDependency[];
  try {
    unmet = unmetDependencies(provided, markers);
  } catch (error) {
    if (!(error instanceof ArtifactError && isFindingId(error.code))) throw error;
    return yield finding(error.code, error.message);
  }
  for (const { requirer, requirement, found } of unmet) {
    const has = found === undefined ? "is not installed" : `is not met by ${found.text}`;
    const message = `"${requirement.text}" ${has}: "${requirer.name}" ${requirer.version.text} needs it`;
    const owner = installed.find(({ name }) => name === requirer.name);
    yield { ...finding("dependency-unmet", message, "warning"), ...(owner && { installed: owner }) };
  }
}
