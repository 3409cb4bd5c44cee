import { claimMismatches, type Publisher, publisherOf } from "./publisher.ts";
import type { AttestedSigner } from "./signer.ts";

/**
 * A Trusted Publisher in PyPI's own words, as provenance objects (PEP 740) and lock files (PEP 751,
 * `packages.attestation-identities`) have it: `kind`, and the publisher's keys as they stand.
 */
export type PublisherTable = { readonly kind: string } & Readonly<Record<string, string>>;

/** Our names of the fields that identify a publisher, by PyPI's kind and key. */
const vocabulary = {
  GitHub: {
    kind: "github",
    keys: { repository: "repository", workflow: "workflow", environment: "environment" },
    required: ["repository", "workflow"],
  },
  GitLab: {
    kind: "gitlab",
    keys: { repository: "repository", workflow_filepath: "workflow", environment: "environment" },
    required: ["repository", "workflow_filepath"],
  },
  Google: { kind: "google", keys: { email: "email" }, required: ["email"] },
  CircleCI: {
    kind: "circleci",
    keys: { project_id: "projectId", pipeline_definition_id: "pipelineDefinitionId", vcs_origin: "vcsOrigin" },
    required: ["project_id", "pipeline_definition_id"],
  },
} as const satisfies Record<
  string,
  { kind: Publisher["kind"]; keys: Readonly<Record<string, string>>; required: readonly string[] }
>;
type Kind = keyof typeof vocabulary;

/** The signer as PyPI would name its publisher; nothing for signers that are no Trusted Publishers. */
export function publisherTable(signer: AttestedSigner): PublisherTable | undefined {
  const publisher = publisherOf(signer);
  if (publisher === undefined) return undefined;
  const fields = Object.fromEntries(Object.entries(publisher)) as Readonly<Record<string, string | undefined>>;
  for (const [kind, { kind: ours, keys, required }] of Object.entries(vocabulary)) {
    if (ours !== publisher.kind) continue;
    const named = Object.entries(keys).flatMap(([key, field]) =>
      fields[field] === undefined ? [] : [[key, fields[field]]],
    );
    const table = { ...Object.fromEntries(named), kind } as PublisherTable;
    return required.every((key) => table[key] !== undefined) ? table : undefined;
  }
  return undefined;
}

/**
 * Why the signer is not the publisher that `table` names, one line for each difference. Keys that tspip does not know
 * are passed over, and a kind that it does not know fits nobody.
 */
export function tableMismatches(signer: AttestedSigner, table: PublisherTable): readonly string[] {
  if (!isKnown(table.kind)) return [`kind: tspip does not know "${table.kind}"`];
  const { kind, keys, required } = vocabulary[table.kind];
  const missing = required.find((key) => (table[key] ?? "") === "");
  if (missing !== undefined) return [`${missing}: the table names none`];
  const named = Object.entries(keys).flatMap(([key, field]) => (table[key] ? [[field, table[key]]] : []));
  return claimMismatches(signer, { ...Object.fromEntries(named), kind } as Publisher);
}

function isKnown(kind: string): kind is Kind {
  return Object.hasOwn(vocabulary, kind);
}

/** One line for people: `GitHub acme/tool, release.yml`. */
export function describeTable({ kind, ...fields }: PublisherTable): string {
  return `${kind} ${Object.values(fields).join(", ")}`;
}
