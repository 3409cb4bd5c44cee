import { Version } from "@cyclonedx/cyclonedx-library/Spec";
import { JsonStrictValidator } from "@cyclonedx/cyclonedx-library/Validation";
import type { SpecVersion } from "../sbom/serialize.ts";

const versions = { "1.6": Version.v1dot6, "1.7": Version.v1dot7 } as const;

/**
 * Checks an SBOM by the official JSON schema.
 * @throws RangeError when it is not valid: a mistake of ours, whatever the input was
 */
export async function validateSbom(json: string, specVersion: SpecVersion): Promise<void> {
  const problem = await new JsonStrictValidator(versions[specVersion]).validate(json);
  if (problem === null) return;
  throw new RangeError(`The SBOM is not valid by the schema: ${JSON.stringify(problem).slice(0, 500)}`);
}
