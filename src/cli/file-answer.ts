import type { ArtifactRef } from "../distribution/artifact.ts";
import type { FileAnswer } from "../proxy/respond.ts";
import type { GateSession } from "./gate-session.ts";

/** Passes one file through the gate for a loopback index. What is undecided is not served. */
export async function fileAnswer(ref: ArtifactRef, gate: GateSession): Promise<FileAnswer> {
  const [judged] = await gate.judge([{ ref, relation: "direct" }]);
  if (judged?.verdict.decision === "allow" && judged.artifact !== undefined)
    return { isAdmitted: true, artifact: judged.artifact };
  return { isAdmitted: false, findings: judged?.verdict.findings ?? [] };
}
