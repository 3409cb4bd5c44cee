import { normalizeProjectName } from "../distribution/project-name.ts";
import { isVersion, parseVersion } from "../distribution/version.ts";
import { type Predicate, predicateTypes } from "../policy/condition.ts";
import type { Origin, PolicySubject } from "../policy/policy.ts";
import type { KeyId } from "../trust/key-id.ts";
import type { Publisher } from "../trust/publisher.ts";
import type { AttestedSigner, CertificateClaims } from "../trust/signer.ts";
import type { AttestationAbsence, Evidence } from "../verdict/evidence.ts";
import type { FindingId } from "../verdict/finding-catalog.ts";
import type { Verdict } from "../verdict/verdict.ts";

/** One entry of a `cases.json`: an artifact, what was seen of it, and what the policy must say. See policies/README.md. */
export interface PolicyCase {
  readonly title: string;
  readonly artifact: {
    readonly filename: string;
    readonly index?: string;
    readonly relation?: PolicySubject["relation"];
    readonly yanked?: string;
    readonly sha256?: string;
    /** `index` when absent. */
    readonly origin?: Origin;
    /** RFC 3339. */
    readonly uploadTime?: string;
    readonly attestedBefore?: string;
  };
  /** One attestation each, or why there is none. */
  readonly attestations: readonly CaseAttestation[];
  /** One signature by a key each, or why there is none; `["absent"]` when not there. */
  readonly signatures?: readonly CaseSignature[];
  /** Who named a digest; `index` when absent. */
  readonly hash?: "index" | "user" | "nobody" | "mismatch";
  /** Whether the files match RECORD; `match` when absent. */
  readonly record?: "match" | "mismatch" | "unavailable";
  /** A date, for policies that expire. */
  readonly now?: string;
  readonly expect: {
    readonly decision: Verdict["decision"];
    readonly rule: string;
    readonly findings: readonly FindingId[];
  };
}

export type CaseAttestation =
  | AttestationAbsence
  | "invalid"
  | "unavailable"
  | Readonly<Partial<Record<Predicate, Publisher>>>;

export type CaseSignature =
  | "absent"
  | "invalid"
  | "unavailable"
  | { readonly key: KeyId; readonly keyName?: string; readonly form?: "embedded" | "detached" };

const placeholderDigest = "0".repeat(64);

export function subjectOf({ artifact }: Pick<PolicyCase, "artifact">): PolicySubject {
  const {
    filename,
    index = "https://pypi.org/simple/",
    relation = "direct",
    yanked,
    sha256 = placeholderDigest,
    origin = "index",
    uploadTime,
    attestedBefore,
  } = artifact;
  const [name = "", version = ""] = filename.replace(/\.tar\.gz$/, "").split("-");
  if (!isVersion(version)) throw new Error(`Case artifact "${filename}" has no version`);
  return {
    name: normalizeProjectName(name),
    version: parseVersion(version),
    kind: filename.endsWith(".whl") ? "wheel" : "sdist",
    origin,
    ...(origin === "index" && { index }),
    relation,
    filename,
    sha256,
    ...(yanked !== undefined && { yanked }),
    ...(uploadTime !== undefined && { uploadTime: new Date(uploadTime) }),
    ...(attestedBefore !== undefined && { attestedBefore }),
  };
}

/** What the inspectors would have seen. */
export function evidenceOf(policyCase: Omit<PolicyCase, "title" | "expect">): Evidence[] {
  const { artifact, attestations, signatures = ["absent"], record = "match" } = policyCase;
  const isWheel = artifact.filename.endsWith(".whl");
  return [
    ...hashEvidence(policyCase),
    ...(isWheel ? [{ kind: "archive", outcome: "verified", notices: [] } as const, recordEvidence(record)] : []),
    ...attestations.map(attestationEvidence),
    ...signatures.map(signatureEvidence),
  ];
}

function hashEvidence({ hash = "index" }: Pick<PolicyCase, "hash">): Evidence[] {
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

function recordEvidence(record: NonNullable<PolicyCase["record"]>): Evidence {
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
    signedAt: new Date("2026-11-01T00:00:00Z"),
    source,
  };
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
