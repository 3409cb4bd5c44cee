import { globMatches } from "../distribution/glob.ts";
import { kebabCase } from "../encoding/kebab-case.ts";
import type { AttestedSigner, CertificateClaims } from "./signer.ts";

/**
 * Who a policy expects to sign, tagged by the service whose identity it is. Fields left out are not compared.
 * `workflow` and `ref` may hold `*`, which stands for any characters; everything else is compared exactly.
 */
export type Publisher =
  | GitHubPublisher
  | GitLabPublisher
  | GooglePublisher
  | CircleCiPublisher
  | ActiveStatePublisher
  | EmailPublisher;

/** What GitHub's and GitLab's certificates have in common. */
interface RepositoryPublisher {
  /** `owner/name`; on GitLab `group/…/name`. */
  readonly repository: string;
  /** The full ref, such as `refs/tags/v1.0`. */
  readonly ref?: string;
  /** The deployment environment. Certificates name it since 2026 only; one that names none does not match. */
  readonly environment?: string;
  /** What started the run, such as `release`. */
  readonly event?: string;
  /** `github-hosted`, `gitlab-hosted` or `self-hosted`. */
  readonly runner?: string;
  /** Numbers in decimal. They tell a renamed or re-registered repository or account from the one that was meant. */
  readonly repositoryId?: string;
  readonly ownerId?: string;
  /** URI of the reusable workflow that signed, with or without the scheme and host, and `@ref` at its end. */
  readonly builder?: string;
}
export interface GitHubPublisher extends RepositoryPublisher {
  readonly kind: "github";
  /** File name under `.github/workflows/`. */
  readonly workflow?: string;
}
export interface GitLabPublisher extends RepositoryPublisher {
  readonly kind: "gitlab";
  /** Path of the configuration from the top of the repository. */
  readonly workflow?: string;
}
export interface GooglePublisher {
  readonly kind: "google";
  readonly email: string;
}
export interface CircleCiPublisher {
  readonly kind: "circleci";
  readonly projectId: string;
  readonly pipelineDefinitionId: string;
  /** Without scheme: `github.com/owner/name`. */
  readonly vcsOrigin?: string;
  readonly vcsRef?: string;
}
export interface ActiveStatePublisher {
  readonly kind: "activestate";
  readonly organization: string;
  readonly project: string;
}
/** A person who signed in through the OIDC provider `issuer`. */
export interface EmailPublisher {
  readonly kind: "email";
  readonly email: string;
  readonly issuer: string;
}

const issuers = {
  github: "https://token.actions.githubusercontent.com",
  gitlab: "https://gitlab.com",
  google: "https://accounts.google.com",
  circleci: "https://oidc.circleci.com",
  activestate: "https://platform.activestate.com/api/v1/oauth/oidc",
} as const;

/** The kind of signer that a certificate is about. The issuer decides it, and is compared exactly. */
export function signerKind({ issuer, san }: CertificateClaims): AttestedSigner["kind"] {
  for (const kind of ["github", "gitlab", "google", "circleci", "activestate"] as const) {
    if (issuer === issuers[kind]) return kind;
  }
  return san.type === "email" ? "email" : "other";
}

/** What a signer's certificate says under the names of a policy; what it does not name is `undefined`. */
type Fields = Readonly<Record<string, string | undefined>>;

/**
 * Why `signer` is not `publisher`, one line for each field that differs: the field, what the certificate has, what the
 * publisher wants. Empty when it is that publisher.
 */
export function publisherMismatches(signer: AttestedSigner, publisher: Publisher): readonly string[] {
  const mismatches = fieldMismatches(signer, publisher);
  return publisher.kind === "circleci" ? [...mismatches, ...shellAccess(signer.claims)] : mismatches;
}

/**
 * The same of the fields alone. Whoever is denied is so whatever else their certificate says: a job that somebody could
 * type in counts for nobody, but is theirs all the same.
 */
export function fieldMismatches({ claims }: AttestedSigner, publisher: Publisher): readonly string[] {
  const { kind, ...wanted } = publisher;
  const has = fieldsAs(kind, claims, "builder" in publisher ? publisher.builder : undefined);
  const issuer = kind === "email" ? publisher.issuer : issuers[kind];
  return Object.entries({ issuer, ...wanted }).flatMap(([name, wants]) => mismatch(name, has[name], wants));
}

/**
 * As `publisherMismatches`, of a publisher whom an index or a lock file names. Nothing of it is a pattern, or it would fit
 * every signer; and a certificate that names no environment, as none did before 2026, does not contradict one.
 */
export function claimMismatches(signer: AttestedSigner, publisher: Publisher): readonly string[] {
  if ("workflow" in publisher && publisher.workflow?.includes("*"))
    return [`workflow: "${publisher.workflow}" is a pattern`];
  if (signer.claims.deploymentEnvironment !== undefined || !("environment" in publisher))
    return publisherMismatches(signer, publisher);
  const { environment: _, ...others } = publisher;
  return publisherMismatches(signer, others);
}

function mismatch(name: string, has: string | undefined, wants: string | undefined): string[] {
  if (wants === undefined) return [];
  const isPattern = name === "workflow" || name === "ref";
  if (has !== undefined && (isPattern ? globMatches(wants, has) : has === wants)) return [];
  const seen = has === undefined ? "the certificate names none" : `the certificate has "${has}"`;
  return [`${kebabCase(name)}: ${seen}, wanted is "${wants}"`];
}

/** sigstore/fulcio, docs/oid-info.md, .11: somebody could have typed in the job, so its certificate says nothing. */
function shellAccess({ runnerEnvironment }: CertificateClaims): string[] {
  return runnerEnvironment === "ssh-rerun" ? ["runner: somebody had SSH access to the job"] : [];
}

/**
 * A signer in the words of a policy, with every field that its certificate names; `undefined` for kinds that a policy
 * has no words for.
 */
export function publisherOf({ kind, claims }: AttestedSigner): Publisher | undefined {
  if (kind === "key" || kind === "other") return undefined;
  const { issuer, ...fields } = fieldsAs(kind, claims);
  if (requiredFields[kind].some((name) => fields[name] === undefined)) return undefined;
  const named = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { kind, ...Object.fromEntries(named), ...(kind === "email" && { issuer }) } as Publisher;
}

const requiredFields: Readonly<Record<Publisher["kind"], readonly string[]>> = {
  github: ["repository"],
  gitlab: ["repository"],
  google: ["email"],
  circleci: ["projectId", "pipelineDefinitionId"],
  activestate: ["organization", "project"],
  email: ["email"],
};

/** The claims read as those of a publisher of `kind`. `builder` says in how much detail .9 is wanted. */
function fieldsAs(kind: Publisher["kind"], claims: CertificateClaims, builder?: string): Fields {
  const { issuer } = claims;
  switch (kind) {
    case "github":
      return { issuer, ...repositoryFields(claims, "https://github.com/", "/.github/workflows/", builder) };
    case "gitlab":
      return { issuer, ...repositoryFields(claims, "https://gitlab.com/", "//", builder) };
    case "google":
    case "email":
      return { issuer, email: claims.san.type === "email" ? claims.san.value : undefined };
    case "circleci":
      return { issuer, ...circleCiFields(claims) };
    case "activestate":
      return { issuer, ...activeStateFields(claims) };
  }
}

/** GitHub's and GitLab's certificates have the same claims; URIs start with `host`, workflows lie in `folder`. */
function repositoryFields(claims: CertificateClaims, host: string, folder: string, builder?: string): Fields {
  return {
    repository: withoutHost(claims.sourceRepositoryUri, host),
    workflow: workflowOf(claims, folder),
    ref: claims.sourceRepositoryRef,
    environment: claims.deploymentEnvironment,
    event: claims.buildTrigger,
    runner: claims.runnerEnvironment,
    repositoryId: claims.sourceRepositoryId,
    ownerId: claims.sourceRepositoryOwnerId,
    builder: builderOf(claims, builder, host),
  };
}

/** A URI on another host names no repository of this one. */
function withoutHost(uri: string | undefined, host: string): string | undefined {
  return uri?.startsWith(host) ? uri.slice(host.length) : undefined;
}

/**
 * The workflow's path below `folder` of the source repository. .18 is the repository, `folder`, the path, `@` and the
 * source's ref or digest; only a known one is cut off, since paths and refs may themselves hold `@`. A workflow of
 * another repository than the source stays a whole URI, which no policy names.
 */
function workflowOf(claims: CertificateClaims, folder: string): string | undefined {
  const { buildConfigUri, sourceRepositoryUri, sourceRepositoryDigest, sourceRepositoryRef } = claims;
  const start = `${sourceRepositoryUri}${folder}`;
  if (sourceRepositoryUri === undefined || !buildConfigUri?.startsWith(start)) return buildConfigUri;
  for (const revision of [sourceRepositoryRef, sourceRepositoryDigest]) {
    const end = `@${revision}`;
    if (revision !== undefined && buildConfigUri.endsWith(end)) return buildConfigUri.slice(start.length, -end.length);
  }
  return buildConfigUri;
}

/** .9, in as much detail as `wanted` has: the policy may leave out the host, and the ref behind the last `@`. */
function builderOf(
  { buildSignerUri }: CertificateClaims,
  wanted: string | undefined,
  host: string,
): string | undefined {
  if (buildSignerUri === undefined || wanted === undefined) return buildSignerUri;
  const uri = wanted.includes("@") ? buildSignerUri : buildSignerUri.replace(/@[^@]*$/, "");
  return wanted.startsWith(host) ? uri : withoutHost(uri, host);
}

function circleCiFields({ buildSignerUri, sourceRepositoryUri, sourceRepositoryRef }: CertificateClaims): Fields {
  const pipeline = /^https:\/\/circleci\.com\/api\/v2\/projects\/([^/]+)\/pipeline-definitions\/([^/]+)$/;
  const [, projectId, pipelineDefinitionId] = pipeline.exec(buildSignerUri ?? "") ?? [];
  return { projectId, pipelineDefinitionId, vcsOrigin: sourceRepositoryUri, vcsRef: sourceRepositoryRef };
}

function activeStateFields({ sourceRepositoryUri }: CertificateClaims): Fields {
  const repository = /^https:\/\/platform\.activestate\.com\/([^/]+)\/([^/]+)$/;
  const [, organization, project] = repository.exec(sourceRepositoryUri ?? "") ?? [];
  return { organization, project };
}

/** One line for people, such as `GitHub pypa/sampleproject (release.yml, refs/tags/v4)`. */
export function describeSigner(signer: AttestedSigner): string {
  const publisher = publisherOf(signer);
  switch (publisher?.kind) {
    case "github":
      return `GitHub ${describeRepository(publisher)}`;
    case "gitlab":
      return `GitLab ${describeRepository(publisher)}`;
    case "google":
      return `Google ${publisher.email}`;
    case "email":
      return `${publisher.email} (${publisher.issuer})`;
    case "circleci":
      return `CircleCI project ${publisher.projectId}, pipeline ${publisher.pipelineDefinitionId}`;
    case "activestate":
      return `ActiveState ${publisher.organization}/${publisher.project}`;
    case undefined:
      return `${signer.claims.san.value} (${signer.claims.issuer})`;
  }
}

function describeRepository({ repository, workflow, ref, environment }: GitHubPublisher | GitLabPublisher): string {
  const details = [workflow, ref, environment && `environment ${environment}`].filter(Boolean);
  return details.length === 0 ? repository : `${repository} (${details.join(", ")})`;
}
