import type { Artifact } from "../../distribution/artifact.ts";
import type { UserHashEvidence } from "../../verdict/evidence.ts";
import type { DistInspector } from "../inspector.ts";

/** What the user pinned: one of the digests must be that of the bytes, as pip's `--hash` means it. */
export const userHashInspector: DistInspector = {
  name: "user-hash",
  pre_extract: (artifact) => Promise.resolve([checkPins(artifact)]),
};

function checkPins({ ref, digests }: Artifact): UserHashEvidence {
  const pins = ref.pins ?? [];
  if (pins.length === 0) return { kind: "user-hash", outcome: "absent" };
  const met = pins.find(({ algorithm, hex }) => digests[algorithm] === hex);
  if (met !== undefined) return { kind: "user-hash", outcome: "verified", digests: { [met.algorithm]: met.hex } };

  const wanted = pins.map(({ algorithm, hex }) => `${algorithm}:${hex}`).join(" or ");
  const message = `"${ref.filename.text}" has sha256:${digests.sha256}, the user pinned ${wanted}`;
  return { kind: "user-hash", outcome: "invalid", problems: [{ id: "hash-mismatch", message }] };
}
