/**
 * Who made an attestation, as the Fulcio certificate says it: never as the provenance document says it, which is
 * unsigned. Only `kind` is ours.
 */
export interface AttestedSigner {
  readonly kind: "github" | "gitlab" | "google" | "circleci" | "activestate" | "email" | "key" | "other";
  readonly claims: CertificateClaims;
}

/**
 * The fields of a Fulcio certificate that a policy may name; the comment gives the last arc under
 * 1.3.6.1.4.1.57264.1 (sigstore/fulcio, docs/oid-info.md).
 */
export interface CertificateClaims {
  /** .8, or .1 in old certificates: the OIDC issuer. */
  readonly issuer: string;
  /** The one subject alternative name. */
  readonly san: { readonly type: "uri" | "email" | "other"; readonly value: string };
  /** .9 */ readonly buildSignerUri?: string;
  /** .10 */ readonly buildSignerDigest?: string;
  /** .11 */ readonly runnerEnvironment?: string;
  /** .12 */ readonly sourceRepositoryUri?: string;
  /** .13 */ readonly sourceRepositoryDigest?: string;
  /** .14 */ readonly sourceRepositoryRef?: string;
  /** .15 */ readonly sourceRepositoryId?: string;
  /** .16 */ readonly sourceRepositoryOwnerUri?: string;
  /** .17 */ readonly sourceRepositoryOwnerId?: string;
  /** .18 */ readonly buildConfigUri?: string;
  /** .19 */ readonly buildConfigDigest?: string;
  /** .20 */ readonly buildTrigger?: string;
  /** .21 */ readonly runInvocationUri?: string;
  /** .22 */ readonly sourceRepositoryVisibility?: string;
  /** .23 */ readonly deploymentEnvironment?: string;
}
