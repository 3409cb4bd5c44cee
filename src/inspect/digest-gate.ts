import type { ArtifactRef } from "../distribution/artifact.ts";
import { decide } from "../policy/decide.ts";
import type { Policy } from "../policy/policy.ts";
import type { Evidence, UserHashEvidence } from "../verdict/evidence.ts";
import { type GateRequest, type Judged, subjectOf } from "./gate-request.ts";
import { inspectByDigest } from "./inspect.ts";
import type { DistInspector } from "./inspector.ts";

/** What judging without bytes works with. */
export interface DigestGate {
  readonly inspectors: readonly DistInspector[];
  readonly policy: Policy;
  readonly now: Date;
}

/**
 * Judges a locked file by its digest, without asking for its bytes: what the index says of the file now, and what
 * attestations say of the digest. Whoever installs from the lock gets bytes with that digest or none, so that what is
 * proved of the digest holds for them. The archive and its RECORD are not looked at, and the verdict says so.
 *
 * Nothing when the digest is not known without the bytes.
 * @param request with what the index says of the file, see `listingOf`
 */
export async function passByDigest(request: GateRequest, gate: DigestGate): Promise<Judged | undefined> {
  const { ref } = request;
  if (ref.url.protocol === "file:") return undefined;
  const sha256 = digestWithoutBytes(ref);
  if (sha256 === undefined) return undefined;

  const evidence: Evidence[] = [
    userHash(ref, sha256),
    ...(ref.digests.sha256 === undefined
      ? ([{ kind: "index-digest", outcome: "absent" }] as const)
      : ([{ kind: "index-digest", outcome: "verified", digests: { sha256: ref.digests.sha256 } }] as const)),
    ...(await inspectByDigest(ref, sha256, gate.inspectors)),
  ];
  const verdict = decide(gate.policy, subjectOf(request, sha256), evidence, gate.now, "digest");
  return { ref, sha256, unseen: ref.filename.kind === "wheel" ? ["archive", "record"] : [], verdict };
}

/**
 * The one digest that is pinned, or the pinned one that the index promises. Nothing where it is pinned by another algorithm
 * too, unless the index promises that as well: whether both are of one file shows in the bytes only.
 */
export function digestWithoutBytes({ pins = [], digests }: ArtifactRef): string | undefined {
  if (pins.some(({ algorithm, hex }) => algorithm !== "sha256" && digests[algorithm] !== hex)) return undefined;
  const pinned = pins.flatMap(({ algorithm, hex }) => (algorithm === "sha256" ? [hex] : []));
  if (pinned.length === 1) return pinned[0];
  return pinned.find((hex) => hex === digests.sha256);
}

/** The lock against the index: both speak of the file, and one of them is wrong when they differ. */
function userHash({ filename, digests }: ArtifactRef, sha256: string): UserHashEvidence {
  if (digests.sha256 === undefined || digests.sha256 === sha256)
    return { kind: "user-hash", outcome: "verified", digests: { sha256 } };
  const message = `the index promises "${filename.text}" with sha256:${digests.sha256}, the lock file pins sha256:${sha256}`;
  return { kind: "user-hash", outcome: "invalid", problems: [{ id: "hash-mismatch", message }] };
}
