import { createHash } from "node:crypto";
import type { AlternativeName } from "./signing-authority/certificate.ts";

/** Who signs in a test. The fields are those of the OIDC token; what is left out gets a plausible value. */
export type TestPublisher =
  | TestGitHubPublisher
  | TestGitLabPublisher
  | TestGooglePublisher
  | TestCircleCiPublisher
  | TestEmailPublisher;

export interface TestGitHubPublisher {
  readonly kind: "github";
  /** `owner/name` */
  readonly repository: string;
  /** The file's name under `.github/workflows/`. */
  readonly workflow: string;
  /** The full ref, such as `refs/tags/v4.0.0`. */
  readonly ref?: string;
  readonly environment?: string;
  readonly event?: string;
  readonly runner?: string;
  readonly repositoryId?: string;
  readonly ownerId?: string;
  /** The reusable workflow that signed, `owner/name/.github/workflows/file@ref`, when it is not `workflow` itself. */
  readonly builder?: string;
  /** The OIDC issuer, where it is not GitHub's public one. */
  readonly issuer?: string;
}

export interface TestGitLabPublisher {
  readonly kind: "gitlab";
  /** `group/…/name` */
  readonly repository: string;
  /** The configuration's path from the top of the repository. */
  readonly workflow: string;
  readonly ref?: string;
  readonly environment?: string;
  readonly event?: string;
}

export interface TestGooglePublisher {
  readonly kind: "google";
  readonly email: string;
}

export interface TestCircleCiPublisher {
  readonly kind: "circleci";
  readonly projectId: string;
  readonly pipelineDefinitionId: string;
  /** Without scheme: `github.com/owner/name`. */
  readonly vcsOrigin?: string;
  readonly vcsRef?: string;
}

/** A person who signed in through an OIDC provider. The index knows no such publisher. */
export interface TestEmailPublisher {
  readonly kind: "email";
  readonly email: string;
  readonly issuer: string;
}

/** What Fulcio certifies about a publisher, and what the index says about it in a provenance object. */
export interface SigningIdentity {
  readonly subjectAlternativeName: AlternativeName;
  /** Fulcio extensions by their last arc under 1.3.6.1.4.1.57264.1 (sigstore/fulcio, docs/oid-info.md). */
  readonly extensions: ReadonlyMap<number, string>;
  /** PEP 740, "publisher". Unsigned. Absent where the index knows no such kind. */
  readonly publisherObject?: Readonly<Record<string, unknown>>;
}

/** The identity that the real Fulcio would write into the certificate of `publisher`. */
export function identityOf(publisher: TestPublisher): SigningIdentity {
  switch (publisher.kind) {
    case "github":
      return gitHubIdentity(publisher);
    case "gitlab":
      return gitLabIdentity(publisher);
    case "google":
      return emailIdentity(publisher.email, "https://accounts.google.com", { kind: "Google", email: publisher.email });
    case "circleci":
      return circleCiIdentity(publisher);
    case "email":
      return emailIdentity(publisher.email, publisher.issuer);
  }
}

function gitHubIdentity(publisher: TestGitHubPublisher): SigningIdentity {
  const { repository, workflow, environment, ref = "refs/tags/v4.0.0", event = "release" } = publisher;
  const issuer = publisher.issuer ?? "https://token.actions.githubusercontent.com";
  const source = `https://github.com/${repository}`;
  const caller = `${source}/.github/workflows/${workflow}@${ref}`;
  const signer = publisher.builder === undefined ? caller : `https://github.com/${publisher.builder}`;
  const commit = commitOf(`${repository}@${ref}`);
  const signerCommit = signer === caller ? commit : commitOf(signer);
  return {
    subjectAlternativeName: { type: "url", value: signer },
    extensions: extensions({
      1: issuer,
      2: event,
      3: commit,
      4: "Release",
      5: repository,
      6: ref,
      8: issuer,
      9: signer,
      10: signerCommit,
      11: publisher.runner ?? "github-hosted",
      12: source,
      13: commit,
      14: ref,
      15: publisher.repositoryId ?? "4242",
      16: source.slice(0, source.lastIndexOf("/")),
      17: publisher.ownerId ?? "4243",
      18: caller,
      19: commit,
      20: event,
      21: `${source}/actions/runs/1/attempts/1`,
      22: "public",
      23: environment,
    }),
    publisherObject: { kind: "GitHub", repository, workflow, environment: environment ?? null },
  };
}

function gitLabIdentity(publisher: TestGitLabPublisher): SigningIdentity {
  const { repository, workflow, environment, ref = "refs/tags/v4.0.0", event = "push" } = publisher;
  const issuer = "https://gitlab.com";
  const source = `${issuer}/${repository}`;
  const configuration = `${source}//${workflow}@${ref}`;
  const commit = commitOf(`${repository}@${ref}`);
  return {
    subjectAlternativeName: { type: "url", value: configuration },
    extensions: extensions({
      1: issuer,
      8: issuer,
      9: configuration,
      10: commit,
      11: "gitlab-hosted",
      12: source,
      13: commit,
      14: ref,
      15: "5242",
      16: source.slice(0, source.lastIndexOf("/")),
      17: "5243",
      18: configuration,
      19: commit,
      20: event,
      21: `${source}/-/jobs/1`,
      22: "public",
      23: environment,
    }),
    publisherObject: { kind: "GitLab", repository, workflow_filepath: workflow, environment: environment ?? null },
  };
}

function circleCiIdentity(publisher: TestCircleCiPublisher): SigningIdentity {
  const { projectId, pipelineDefinitionId, vcsOrigin, vcsRef } = publisher;
  const issuer = "https://oidc.circleci.com";
  const api = "https://circleci.com/api/v2";
  const pipeline = `${api}/projects/${projectId}/pipeline-definitions/${pipelineDefinitionId}`;
  const run = "00000000-0000-4000-8000-000000000001";
  return {
    subjectAlternativeName: { type: "url", value: pipeline },
    extensions: extensions({
      1: issuer,
      8: issuer,
      9: pipeline,
      // Real certificates hold a pair of quotation marks here.
      11: '""',
      12: vcsOrigin,
      14: vcsRef,
      18: `${api}/pipeline/${run}/config`,
      21: `https://app.circleci.com//workflow/${run}/job/${run}`,
    }),
    publisherObject: {
      kind: "CircleCI",
      project_id: projectId,
      pipeline_definition_id: pipelineDefinitionId,
      vcs_origin: vcsOrigin ?? null,
      vcs_ref: vcsRef ?? null,
    },
  };
}

/** Certificates for an e-mail address carry the issuer and nothing else. */
function emailIdentity(email: string, issuer: string, publisherObject?: Record<string, unknown>): SigningIdentity {
  return {
    subjectAlternativeName: { type: "email", value: email },
    extensions: extensions({ 1: issuer, 8: issuer }),
    ...(publisherObject && { publisherObject }),
  };
}

function extensions(texts: Readonly<Record<number, string | undefined>>): ReadonlyMap<number, string> {
  const present = Object.entries(texts).filter((row): row is [string, string] => row[1] !== undefined);
  return new Map(present.map(([arc, text]) => [Number(arc), text]));
}

/** A commit id that looks like one and is the same every time. */
function commitOf(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
