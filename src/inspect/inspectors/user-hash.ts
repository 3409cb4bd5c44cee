import type { Artifact, PinnedDigest } from "../../distribution/artifact.ts";
import type { Digests } from "../../distribution/digest.ts";
import type { UserHashEvidence } from "../../verdict/evidence.ts";
import type { DistInspector } from "../inspector.ts";

/**
 * What the user pinned: one of the digests must be that of the bytes, as pip's `--hash` means it. Of what a lock says of one
 * file, each algorithm's must: installers differ in which of them they compare, and all are to get what was judged.
 */
export const userHashInspector: DistInspector = {
  name: "user-hash",
  pre_extract: (artifact) => Promise.resolve([checkPins(artifact)]),
};

function checkPins({ ref, digests }: Artifact): UserHashEvidence {
  const pins = ref.pins ?? [];
  if (pins.length === 0) return { kind: "user-hash", outcome: "absent" };
  const met = pins.filter(({ algorithm, hex }) => digests[algorithm] === hex);
  const isMet = ({ algorithm }: PinnedDigest) => met.some((pin) => pin.algorithm === algorithm);
  const unmet = pins.filter((pin) => !isMet(pin) && (met.length === 0 || pin.by !== undefined));
  if (unmet.length === 0)
    return { kind: "user-hash", outcome: "verified", ...pinnedBy(met), digests: byAlgorithm(met) };

  const [{ algorithm, by } = { algorithm: "sha256", by: undefined } as const] = unmet;
  const wanted = unmet.map((pin) => `${pin.algorithm}:${pin.hex}`).join(" or ");
  const message = `"${ref.filename.text}" has ${algorithm}:${digests[algorithm]}, ${whose(by)} pinned ${wanted}`;
  return { kind: "user-hash", outcome: "invalid", problems: [{ id: "hash-mismatch", message }] };
}

function byAlgorithm(pins: readonly PinnedDigest[]): Digests {
  return Object.fromEntries(pins.map(({ algorithm, hex }) => [algorithm, hex]));
}

function pinnedBy(pins: readonly PinnedDigest[]): { readonly pinnedBy?: "bundle" } {
  return pins.every(({ by }) => by === "bundle") ? { pinnedBy: "bundle" } : {};
}

function whose(by: PinnedDigest["by"]): string {
  return by === "bundle" ? "whoever made the bundle" : "the user";
}
