import type { Artifact } from "../../distribution/artifact.ts";
import { hasDigest, secureAlgorithms } from "../../distribution/digest.ts";
import type { IndexDigestEvidence } from "../../verdict/evidence.ts";
import type { Problem } from "../../verdict/finding.ts";
import type { DistInspector } from "../inspector.ts";

/** What the index promised of the bytes: every digest and the size must hold (Simple API, `hashes` and `size`). */
export const indexDigestInspector: DistInspector = {
  name: "index-digest",
  pre_extract: (artifact) => Promise.resolve([checkPromise(artifact)]),
};

function checkPromise({ ref, digests, size }: Artifact): IndexDigestEvidence {
  const problems: Problem[] = [];
  for (const algorithm of secureAlgorithms) {
    const promised = ref.digests[algorithm];
    if (promised === undefined || promised === digests[algorithm]) continue;
    const message = `"${ref.filename.text}" has ${algorithm} ${digests[algorithm]}, the index promised ${promised}`;
    problems.push({ id: "index-hash-mismatch", message });
  }
  if (ref.size !== undefined && ref.size !== size) {
    const message = `"${ref.filename.text}" has ${size} bytes, the index promised ${ref.size}`;
    problems.push({ id: "size-mismatch", message });
  }
  if (problems.length > 0) return { kind: "index-digest", outcome: "invalid", problems };
  if (!hasDigest(ref.digests)) return { kind: "index-digest", outcome: "absent" };
  return { kind: "index-digest", outcome: "verified", digests: ref.digests };
}
