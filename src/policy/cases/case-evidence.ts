import { parseFilename } from "../../distribution/filename.ts";
import type { Publisher } from "../../trust/publisher.ts";
import type { AttestedSigner, CertificateClaims } from "../../trust/signer.ts";
import type { Evidence } from "../../verdict/evidence.ts";
import { predicateTypes } from "../condition.ts";
import type { PolicySubject } from "../policy.ts";
import type { CaseAttestation, CaseSignature, CaseSummary, Situation } from "./policy-case.ts";

const placeholderDigest = "0".repeat(64);

/** What a policy can know of the artifact of a case. @throws ArtifactError when its file name is none */
export function subjectOf({ artifact }: Pick<Situation, "artifact">): PolicySubject {
  const {
    filename: text,
    index = "https://pypi.org/simple/",
    relation = "direct",
    yanked,
    projectStatus: status,
    sha256 = placeholderDigest,
    origin = "index",
    uploadTime,
    attestedBefore,
  } = artifact;
  const { name, version, kind } = parseFilename(text);
  return {
    name,
    version,
    kind,
    origin,
    ...(origin === "index" && { index }),
    relation,
    filename: text,
    sha256,
    ...(yanked !== undefined && { yanked }),
    ...(status !== undefined && { projectStatus: { status } }),
    ...(uploadTime !== undefined && { uploadTime: new Date(uploadTime) }),
    ...(attestedBefore !== undefined && { attestedBefore }),
  };
}

/** What the inspectors would have seen. */
export function evidenceOf(situation: Situation): Evidence[] {
  const { artifact, attestations, signatures = ["absent"], summaries = ["absent"], record = "match" } = situation;
  const isWheel = artifact.filename.endsWith(".whl");
  return [
    ...hashEvidence(situation),
    ...(isWheel ? [{ kind: "archive", outcome: "verified", notices: [] } as const, recordEvidence(record)] : []),
    ...attestations.map(attestationEvidence),
    ...signatures.map(signatureEvidence),
    ...summaries.map(summaryEvidence),
  ];
}

function hashEvidence({ hash = "index" }: Pick<Situation, "hash">): Evidence[] {
  const digests = { sha256: placeholderDigest };
  const problems = [{ id: "hash-mismatch", message: "Not the bytes the user pinned" } as const];
  const isPromised = hash === "index" || hash === "mismatch";
  const index: Evidence = isPromised
    ? { kind: "index-digest", outcome: "verified", digests }
    : { kind: "index-digest", outcome: "absent" };
  switch (hash) {
    case "user":
      return [index, { kind: "user-hash", outcome: "verified", digests }];
    case "mismatch":
      return [index, { kind: "user-hash", outcome: "invalid", problems }];
    default:
      return [index, { kind: "user-hash", outcome: "absent" }];
  }
}

function recordEvidence(record: NonNullable<Situation["record"]>): Evidence {
  switch (record) {
    case "match":
      return { kind: "record", outcome: "verified", files: 3 };
    case "mismatch":
      return {
        kind: "record",
        outcome: "invalid",
        problems: [{ id: "record-mismatch", message: "A file differs from RECORD" }],
      };
    case "unavailable":
      return { kind: "record", outcome: "unavailable", reason: "the disk could not be read" };
  }
}

function attestationEvidence(attestation: CaseAttestation): Evidence {
  const source = "https://pypi.org/integrity/";
  switch (attestation) {
    case "invalid":
      return {
        kind: "attestation",
        outcome: "invalid",
        source,
        problems: [{ id: "attestation-invalid", message: "The signature does not verify" }],
      };
    case "unavailable":
      return { kind: "attestation", outcome: "unavailable", source, reason: "the index did not answer" };
    case "none":
    case "unknown":
    case "refused":
    case "empty":
    case "predicate":
      return { kind: "attestation", outcome: "absent", absence: attestation };
  }
  const [predicate, publisher] =
    attestation.publish === undefined
      ? (["slsa", attestation.slsa] as const)
      : (["publish", attestation.publish] as const);
  if (publisher === undefined) throw new Error(`Case attestation names neither "publish" nor "slsa"`);
  return {
    kind: "attestation",
    outcome: "verified",
    predicateType: predicateTypes[predicate],
    signer: signerFor(publisher),
    ...(attestation.build && { build: attestation.build }),
    signedAt: new Date(attestation.signedAt ?? "2026-11-01T00:00:00Z"),
    source,
  };
}

function summaryEvidence(summary: CaseSummary): Evidence {
  const [kind, source] = ["summary", "summaries.jsonl"] as const;
  switch (summary) {
    case "absent":
      return { kind, outcome: "absent" };
    case "unavailable":
      return { kind, outcome: "unavailable", source, reason: "the file cannot be read" };
    default: {
      const { by, verifier, result, at } = summary;
      const signedBy =
        typeof by === "string"
          ? ({ kind: "key", key: by } as const)
          : ({ kind: "certificate", signer: signerFor(by), signedAt: new Date(at) } as const);
      return { kind, outcome: "verified", source, signedBy, verifier, result, timeVerified: new Date(at) };
    }
  }
}

function signatureEvidence(signature: CaseSignature): Evidence {
  const [kind, source] = ["wheel-signature", "demo.whl.jws"] as const;
  switch (signature) {
    case "absent":
      return { kind, outcome: "absent" };
    case "invalid":
      return { kind, outcome: "invalid", source, problems: [{ id: "signature-invalid", message: "It is by nobody" }] };
    case "unavailable":
      return { kind, outcome: "unavailable", source, reason: "the keyring has expired" };
    default:
      return { kind, outcome: "verified", source, form: "detached", ...signature };
  }
}

/** A signer whose certificate names all that `publisher` does, as Fulcio would. */
export function signerFor(publisher: Publisher): AttestedSigner {
  return { kind: publisher.kind, claims: claimsFor(publisher) };
}

function claimsFor(publisher: Publisher): CertificateClaims {
  switch (publisher.kind) {
    case "github":
      return workflowClaims(
        publisher,
        "https://token.actions.githubusercontent.com",
        "https://github.com/",
        "/.github/workflows/",
      );
    case "gitlab":
      return workflowClaims(publisher, "https://gitlab.com", "https://gitlab.com/", "//");
    case "google":
      return { issuer: "https://accounts.google.com", san: { type: "email", value: publisher.email } };
    case "email":
      return { issuer: publisher.issuer, san: { type: "email", value: publisher.email } };
    case "circleci": {
      const uri = `https://circleci.com/api/v2/projects/${publisher.projectId}/pipeline-definitions/${publisher.pipelineDefinitionId}`;
      return {
        issuer: "https://oidc.circleci.com",
        san: { type: "uri", value: uri },
        buildSignerUri: uri,
        ...claim("sourceRepositoryUri", publisher.vcsOrigin),
        ...claim("sourceRepositoryRef", publisher.vcsRef),
      };
    }
    case "activestate": {
      const uri = `https://platform.activestate.com/${publisher.organization}/${publisher.project}`;
      return {
        issuer: "https://platform.activestate.com/api/v1/oauth/oidc",
        san: { type: "uri", value: uri },
        sourceRepositoryUri: uri,
      };
    }
  }
}

function workflowClaims(
  publisher: Extract<Publisher, { kind: "github" | "gitlab" }>,
  issuer: string,
  host: string,
  folder: string,
): CertificateClaims {
  const { repository, workflow = "release.yml", ref = "refs/tags/v1.0" } = publisher;
  const uri = `${host}${repository}${folder}${workflow}@${ref}`;
  return {
    issuer,
    san: { type: "uri", value: uri },
    buildSignerUri: publisher.builder ?? uri,
    buildConfigUri: uri,
    sourceRepositoryUri: host + repository,
    sourceRepositoryRef: ref,
    ...claim("runnerEnvironment", publisher.runner),
    ...claim("sourceRepositoryId", publisher.repositoryId),
    ...claim("sourceRepositoryOwnerId", publisher.ownerId),
    ...claim("buildTrigger", publisher.event),
    ...claim("deploymentEnvironment", publisher.environment),
  };
}

function claim<Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, string>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, string>);
}
