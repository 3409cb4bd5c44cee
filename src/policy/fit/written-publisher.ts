import { type Publisher, publisherOf } from "../../trust/publisher.ts";
import type { AttestedSigner } from "../../trust/signer.ts";
import { parsePolicy } from "../parse.ts";
import { formatSigner } from "./format-signer.ts";

/**
 * The fields of a signer by which a policy knows it again in the next release: what the ref, run and runner were is left
 * out. Nothing for a signer that a policy has no words for.
 */
export function writtenPublisher(signer: AttestedSigner): Publisher | undefined {
  const publisher = publisherOf(signer);
  if (publisher === undefined) return undefined;
  const lasting = lastingFields(publisher);
  if (isValid(lasting)) return lasting;
  // The workflow of another repository is a whole URI, which no policy names.
  if (!("workflow" in lasting)) return undefined;
  const { workflow: _, ...rest } = lasting;
  return isValid(rest) ? rest : undefined;
}

function lastingFields(publisher: Publisher): Publisher {
  switch (publisher.kind) {
    case "github":
    case "gitlab": {
      const { kind, repository, workflow, repositoryId } = publisher;
      return { kind, repository, ...(workflow && { workflow }), ...(repositoryId && { repositoryId }) } as Publisher;
    }
    case "google":
      return { kind: publisher.kind, email: publisher.email };
    case "email":
      return { kind: publisher.kind, email: publisher.email, issuer: publisher.issuer };
    case "circleci": {
      const { kind, projectId, pipelineDefinitionId } = publisher;
      return { kind, projectId, pipelineDefinitionId };
    }
    case "activestate": {
      const { kind, organization, project } = publisher;
      return { kind, organization, project };
    }
  }
}

/** A certificate may hold texts that a policy refuses, and `*`, which a policy takes for a pattern. */
function isValid(publisher: Publisher): boolean {
  if (Object.values(publisher).some((value) => value.includes("*"))) return false;
  try {
    parsePolicy(["version = 1", ...formatSigner("signer", publisher)].join("\n"), "signer");
    return true;
  } catch {
    return false;
  }
}
