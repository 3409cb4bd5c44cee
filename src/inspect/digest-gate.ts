import type { ArtifactRef } from "../distribution/artifact.ts";
import { IndexError } from "../errors.ts";
import type { IndexClient } from "../package-index/client.ts";
import { decide } from "../policy/decide.ts";
import type { Policy, PolicySubject } from "../policy/policy.ts";
import type { Evidence, UserHashEvidence } from "../verdict/evidence.ts";
import { finding } from "../verdict/finding.ts";
import type { GateRequest, Judged } from "./gate.ts";
import { inspectByDigest } from "./inspect.ts";
import type { DistInspector } from "./inspector.ts";

/** What judging without bytes works with. */
export interface DigestGate {
  readonly client: Pick<IndexClient, "files" | "release">;
  readonly inspectors: readonly DistInspector[];
  readonly policy: Policy;
  readonly now: Date;
  readonly subjectOf: (request: GateRequest, sha256: string) => PolicySubject;
}

/**
 * Judges a locked file by its digest, without asking for its bytes: what the index says of the file now, and what
 * attestations say of the digest. Whoever installs from the lock gets bytes with that digest or none, so that what is
 * proved of the digest holds for them. The archive and its RECORD are not looked at, and the verdict says so.
 *
 * Nothing when the digest is not known without the bytes.
 */
export async function passByDigest(request: GateRequest, gate: DigestGate): Promise<Judged | undefined> {
  const { ref: locked } = request;
  if (locked.url.protocol === "file:" || (locked.pins ?? []).length === 0) return undefined;
  const listed = await listedFile(locked, gate.client);
  if (typeof listed === "string") return unlisted(request, listed, gate);
  const ref = listed === undefined ? locked : withPromises(locked, listed);
  const sha256 = digestWithoutBytes(ref);
  if (sha256 === undefined) return undefined;

  const evidence: Evidence[] = [
    userHash(ref, sha256),
    ...(ref.digests.sha256 === undefined
      ? ([{ kind: "index-digest", outcome: "absent" }] as const)
      : ([{ kind: "index-digest", outcome: "verified", digests: { sha256: ref.digests.sha256 } }] as const)),
    ...(await inspectByDigest(ref, sha256, locked, gate.inspectors)),
  ];
  const verdict = decide(gate.policy, gate.subjectOf({ ...request, ref }, sha256), evidence, gate.now, "digest");
  return { ref, sha256, unseen: ref.filename.kind === "wheel" ? ["archive", "record"] : [], verdict };
}

/** The file as its index lists it now; nothing for a file outside of indexes; a text when it cannot be said. */
async function listedFile(ref: ArtifactRef, client: DigestGate["client"]): Promise<ArtifactRef | string | undefined> {
  const { filename, source } = ref;
  if (source.kind !== "index") return undefined;
  // The reference is from the index's page already, where the lock has no URLs.
  if (ref.provenance !== "unasked") return ref;
  try {
    const files = await client.release(filename.name, filename.version, source.url);
    const listed = files.find((file) => file.filename.text === filename.text);
    // Removed files may still be served: that nobody lists it any more is what a gate is there to notice.
    return listed ?? `${source.url.href} does not list it any more`;
  } catch (error) {
    if (error instanceof IndexError) return error.message;
    throw error;
  }
}

function withPromises(locked: ArtifactRef, listed: ArtifactRef): ArtifactRef {
  return { ...listed, url: locked.url, ...(locked.pins && { pins: locked.pins }) };
}

/** The one digest that is pinned, or the pinned one that the index promises. */
function digestWithoutBytes({ pins = [], digests }: ArtifactRef): string | undefined {
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

async function unlisted(request: GateRequest, reason: string, gate: DigestGate): Promise<Judged> {
  const projectStatus = await statusOf(request.ref, gate.client);
  const ref = { ...request.ref, ...(projectStatus && { projectStatus }) };
  const sha256 = digestWithoutBytes(ref) ?? "";
  const verdict = decide(gate.policy, gate.subjectOf({ ...request, ref }, sha256), [], gate.now, "digest");
  if (verdict.decision === "deny") return { ref, verdict };
  const findings = [finding("artifact-unavailable", `"${ref.filename.text}" cannot be judged: ${reason}`)];
  return { ref, verdict: { ...verdict, decision: "undecided", findings } };
}

/** An index lists no files of a project that it has quarantined, and says so on the page. */
async function statusOf({ filename, source }: ArtifactRef, client: DigestGate["client"]) {
  if (source.kind !== "index") return undefined;
  try {
    const pages = await client.files(filename.name, source.url);
    return pages.find(({ projectStatus }) => projectStatus !== undefined)?.projectStatus;
  } catch (error) {
    // Whatever kept the listing away is told as the reason already.
    if (error instanceof IndexError) return undefined;
    throw error;
  }
}
