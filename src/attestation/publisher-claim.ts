import type { JsonReader } from "../encoding/json-reader.ts";
import { AttestationError } from "../errors.ts";
import { claimMismatches, type Publisher } from "../trust/publisher.ts";
import type { AttestedSigner } from "../trust/signer.ts";

/**
 * Who an index says has published a file: the `publisher` of a provenance object. It is unsigned, so it proves nothing;
 * but an index that contradicts the certificate is not to be believed.
 */
export interface PublisherClaim {
  /** The kind in the index's own word, such as `GitHub`. */
  readonly kind: string;
  /** `undefined` for kinds that tspip does not know. */
  readonly publisher?: Publisher;
}

/** Reads the kinds of PyPI's Trusted Publishers. Unknown members are passed over, as the specification wants. */
export function readPublisherClaim(claim: JsonReader): PublisherClaim {
  const kind = claim.member("kind").text();
  const publisher = readPublisher(kind, claim);
  return { kind, ...(publisher && { publisher }) };
}

function readPublisher(kind: string, claim: JsonReader): Publisher | undefined {
  switch (kind) {
    case "GitHub":
      return {
        kind: "github",
        repository: claim.member("repository").text(),
        workflow: claim.member("workflow").text(),
        ...named("environment", claim.optional("environment")),
      };
    case "GitLab":
      return {
        kind: "gitlab",
        repository: claim.member("repository").text(),
        workflow: claim.member("workflow_filepath").text(),
        ...named("environment", claim.optional("environment")),
      };
    case "Google":
      return { kind: "google", email: claim.member("email").text() };
    case "CircleCI":
      return {
        kind: "circleci",
        projectId: claim.member("project_id").text(),
        pipelineDefinitionId: claim.member("pipeline_definition_id").text(),
        ...named("vcsOrigin", claim.optional("vcs_origin")),
        ...named("vcsRef", claim.optional("vcs_ref")),
      };
    default:
      return undefined;
  }
}

/** PyPI writes `""` as well as `null` for a field that the publisher leaves open. */
function named<Name extends string>(name: Name, value: JsonReader | undefined): Partial<Record<Name, string>> {
  const text = value?.text() ?? "";
  return text === "" ? {} : ({ [name]: text } as Record<Name, string>);
}

/**
 * Compares what the index says about the publisher with what the certificate says. A kind that tspip does not know
 * cannot be compared and contradicts nothing: who signed is for the policy to judge, by the certificate.
 * @throws AttestationError `publisher-mismatch` when they contradict each other
 */
export function checkPublisherClaim({ kind, publisher }: PublisherClaim, signer: AttestedSigner): void {
  if (publisher === undefined) return;
  const contradictions = claimMismatches(signer, publisher);
  if (contradictions.length === 0) return;
  throw new AttestationError(
    "publisher-mismatch",
    `The index names a ${kind} publisher that is not the signer: ${contradictions.join("; ")}`,
  );
}
