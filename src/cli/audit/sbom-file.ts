import type { Environment } from "../../environment/environment.ts";
import { scanInstalled } from "../../environment/scan.ts";
import { programDigest } from "../program-digest.ts";
import { writeOut } from "../report/format.ts";
import { version } from "../version.ts";

/** Writes the SBOM of what lies on disk in an environment, whoever installed it. @throws EnvironmentError */
export async function writeSbom(path: string, environment: Environment, label: string, timestamp: Date): Promise<void> {
  const { createSbom } = await import("../../sbom/bom.ts");
  const { interpreter, schemes } = environment;
  const { installed, unreadable } = await scanInstalled([schemes.purelib, schemes.platlib]);
  const sbom = createSbom(installed, {
    toolVersion: version,
    toolDigest: programDigest(),
    markers: interpreter.markers,
    environment: label,
    timestamp,
    isComplete: unreadable.length === 0,
  });
  await writeOut(path, sbom);
}
