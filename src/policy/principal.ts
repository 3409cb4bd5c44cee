import type { KeyId } from "../trust/key-id.ts";
import { type Publisher, publisherOf } from "../trust/publisher.ts";
import type { AttestedSigner } from "../trust/signer.ts";
import type { DistinctBy, KeyReference, PolicySigner } from "./policy.ts";

/** Who made a signature that verifies: whom a certificate names, or a key. */
export type Voucher =
  | { readonly kind: "certificate"; readonly signer: AttestedSigner }
  | { readonly kind: "key"; readonly key: KeyId /** What the keyring calls it. */; readonly keyName?: string };

/** The party behind a signature, as a text that is equal for signatures of one party. A threshold counts these. */
export function principalOf(voucher: Voucher, by: DistinctBy): string {
  return voucher.kind === "key" ? keyParty(voucher.key) : certifiedParty(voucher.signer, by);
}

function certifiedParty(signer: AttestedSigner, by: DistinctBy): string {
  const publisher = publisherOf(signer);
  if (publisher !== undefined) return partyOf(publisher, by);
  const { issuer, san } = signer.claims;
  return `${issuer} ${san.value}`.toLowerCase();
}

/** The party that a signer of the policy is, as far as the policy knows. */
export function memberParty(signer: PolicySigner, by: DistinctBy): string {
  return signer.kind === "key" ? keyMeaning(signer.key) : partyOf(signer.publisher, by);
}

/** A key is its own party, whatever it is called, and its owner is not written in it. */
function keyParty(id: KeyId): string {
  return `key ${id}`;
}

function keyMeaning(key: KeyReference): string {
  return key.kind === "public-key" ? keyParty(key.id) : `keyring ${key.id}`;
}

/**
 * The party that a publisher is.
 *
 * `identity` is a workflow, pipeline or account, at whatever ref and in whatever run. `owner` is the account that holds
 * the repository, on whichever service it is built, or the domain of an e-mail address. A keyless signature's key lives
 * for minutes and says nothing about the party, so `key` counts those by identity.
 *
 * Services do not tell upper from lower case in accounts and repositories, so all is compared in lower case: that can
 * make one party of two, and never two of one.
 */
export function partyOf(publisher: Publisher, by: DistinctBy): string {
  return (by === "owner" ? ownerOf(publisher) : identityOf(publisher)).toLowerCase();
}

function identityOf(publisher: Publisher): string {
  switch (publisher.kind) {
    case "github":
    case "gitlab":
      return `${publisher.kind} ${publisher.repository} ${publisher.workflow ?? "*"}`;
    // An address confirmed by Google is one account, whichever kind of signer the policy calls it.
    case "google":
      return `email ${publisher.email} https://accounts.google.com`;
    case "email":
      return `email ${publisher.email} ${publisher.issuer}`;
    case "circleci":
      return `circleci ${publisher.projectId} ${publisher.pipelineDefinitionId}`;
    case "activestate":
      return `activestate ${publisher.organization} ${publisher.project}`;
  }
}

function ownerOf(publisher: Publisher): string {
  switch (publisher.kind) {
    case "github":
      return accountOf(`github.com/${publisher.repository}`);
    case "gitlab":
      return accountOf(`gitlab.com/${publisher.repository}`);
    case "google":
    case "email":
      return `mail at ${publisher.email.slice(publisher.email.lastIndexOf("@") + 1)}`;
    case "circleci":
      return publisher.vcsOrigin === undefined ? `circleci ${publisher.projectId}` : accountOf(publisher.vcsOrigin);
    case "activestate":
      return `activestate ${publisher.organization}`;
  }
}

/** `github.com/pypa/build` to `github.com/pypa`; of GitLab's nested groups, the outermost. */
function accountOf(repository: string): string {
  return repository.split("/", 2).join("/");
}

/** A text that is equal for signers that are the same in every field, however they are written. */
export function signerMeaning(signer: PolicySigner): string {
  return signer.kind === "key" ? keyMeaning(signer.key) : publisherMeaning(signer.publisher);
}

function publisherMeaning(publisher: Publisher): string {
  const fields = Object.entries(publisher).filter(
    ([field]) => field !== "kind" && field !== "email" && field !== "issuer",
  );
  const exact = fields.map(([field, value]) => `${field}=${field === "repository" ? "" : value}`).sort();
  return JSON.stringify([identityOf(publisher).toLowerCase(), ...exact]);
}
