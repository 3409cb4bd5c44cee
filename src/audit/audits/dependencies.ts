import { isVersion, parseVersion } from "../../distribution/version.ts";
import { unmetDependencies } from "../../plan/dependencies.ts";
import { finding } from "../../verdict/finding.ts";
import type { AuditFinding } from "../audit-finding.ts";
import type { Facts } from "../facts.ts";

/** What the distributions need of each other, by their METADATA, is there in a version that fits. */
export function* dependencies({ installed, environment: { markers } }: Facts): Generator<AuditFinding> {
  const provided = installed.flatMap(({ name, version, metadata: { requiresDist } }) =>
    isVersion(version) ? [{ name, version: parseVersion(version), requiresDist, extras: [] }] : [],
  );
  for (const { requirer, requirement, found } of unmetDependencies(provided, markers)) {
    const has = found === undefined ? "is not installed" : `is not met by ${found.text}`;
    const message = `"${requirement.text}" ${has}: "${requirer.name}" ${requirer.version.text} needs it`;
    const owner = installed.find(({ name }) => name === requirer.name);
    yield { ...finding("dependency-unmet", message, "warning"), ...(owner && { installed: owner }) };
  }
}
