import { publisherOf } from "./publisher.ts";
import type { AttestedSigner } from "./signer.ts";

/** A signer as reports and receipts have it: `kind`, and the fields of a policy's signer in snake_case. */
export type SignerFields = { readonly kind: AttestedSigner["kind"] } & Readonly<Record<string, string>>;

/** What the certificate says of a signer; for kinds that a policy has no words for, its subject and issuer. */
export function signerFields(signer: AttestedSigner): SignerFields {
  const { kind, claims } = signer;
  const publisher = publisherOf(signer) ?? { subject: claims.san.value, issuer: claims.issuer };
  const commit = claims.sourceRepositoryDigest === undefined ? {} : { commit: claims.sourceRepositoryDigest };
  const fields = Object.entries({ ...publisher, ...commit }).map(([key, value]) => [snakeCase(key), value]);
  return { ...Object.fromEntries(fields), kind };
}

/** A hundred signers have the same few fields. */
const spellings = new Map<string, string>();

function snakeCase(key: string): string {
  const known = spellings.get(key) ?? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  spellings.set(key, known);
  return known;
}
