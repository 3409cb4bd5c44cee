import type { Digests } from "../distribution/digest.ts";
import type { KeyId } from "../trust/key-id.ts";
import type { AttestedSigner } from "../trust/signer.ts";
import type { Notice, Problem } from "./finding.ts";

/**
 * What one inspector saw of one artifact. "Not there" (`absent`), "broken" (`invalid`) and "could not look"
 * (`unavailable`) stay different all the way to the user; an inspector never decides.
 */
export type Evidence =
  | IndexDigestEvidence
  | UserHashEvidence
  | ArchiveEvidence
  | RecordEvidence
  | AttestationEvidence
  | WheelSignatureEvidence
  | SummaryEvidence
  | InspectorEvidence;

interface Invalid {
  readonly outcome: "invalid";
  readonly problems: readonly Problem[];
}
interface Unavailable {
  readonly outcome: "unavailable";
  readonly reason: string;
}

/** The digests that the index promised against the bytes we hold. `absent`: it promised none that is secure. */
export type IndexDigestEvidence = { readonly kind: "index-digest" } & (
  | { readonly outcome: "verified"; readonly digests: Digests }
  | { readonly outcome: "absent" }
  | Invalid
);

/** The digests that the user pinned (`--hash`, lock file), or the maker of a bundle did, against the bytes we hold. */
export type UserHashEvidence = { readonly kind: "user-hash" } & (
  | { readonly outcome: "verified"; readonly digests: Digests; readonly pinnedBy?: "bundle" }
  | { readonly outcome: "absent" }
  | Invalid
);

/** Whether the ZIP archive has exactly one reading, and the wheel's identity is one. */
export type ArchiveEvidence = { readonly kind: "archive" } & (
  | { readonly outcome: "verified"; readonly notices: readonly Notice[] }
  | Invalid
  | Unavailable
);

/** Every member of the archive against the wheel's own RECORD. */
export type RecordEvidence = { readonly kind: "record" } & (
  | { readonly outcome: "verified"; readonly files: number }
  | Invalid
  | Unavailable
);

/** Why there is no attestation. That a place could not be asked is not among the reasons: that is `unavailable`. */
export type AttestationAbsence =
  /** The index says that there is none (`provenance: null`, or HTTP 404 for its link). */
  | "none"
  /** The index does not speak of provenance at all, and no other source has a document. */
  | "unknown"
  /** The index refused to say (HTTP 403). */
  | "refused"
  /** There is a document, and it holds no attestation. */
  | "empty"
  /** There are attestations, and none has a predicate type that counts. */
  | "predicate";

/** One attestation (PEP 740), or the lack of any. */
export type AttestationEvidence = { readonly kind: "attestation" } & (
  | {
      readonly outcome: "verified";
      readonly predicateType: string;
      readonly signer: AttestedSigner;
      /** Global index in the transparency log; text, as it exceeds 2^53 by format. */
      readonly logIndex?: string;
      /** The trusted time of signing. */
      readonly signedAt: Date;
      /** Of a SLSA provenance: what it says of the build. */
      readonly build?: SeenBuild;
      /** Where the document came from: a URL or a path. */
      readonly source: string;
      /** What the document turned out to be: a provenance object, a Sigstore bundle, … */
      readonly format?: string;
      /** The checks that were passed, in order; only when somebody asked for them. */
      readonly steps?: readonly VerificationStep[];
    }
  | ({ readonly source: string; readonly steps?: readonly VerificationStep[] } & Invalid)
  | {
      readonly outcome: "absent";
      readonly absence: AttestationAbsence;
      readonly source?: string;
      readonly detail?: string;
    }
  | ({ readonly source: string } & Unavailable)
);

/** What a SLSA provenance says of a build; values of external parameters by their path, such as `workflow.ref`. */
export interface SeenBuild {
  readonly builderId?: string;
  readonly buildType?: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

/** One check of an attestation that was passed, with the values that were compared. */
export interface VerificationStep {
  readonly check: string;
  readonly detail: string;
}

/**
 * One signature by a key over an artifact, or the lack of any. `verified` asserts that the key is the policy's or the
 * keyring's, and current where the keyring says which keys are; where that could not be shown, the signature is
 * `unavailable`. `unknown`: by a key that neither of them has, so that it counts for nobody. `invalid`: it does not
 * verify, or its key is no longer current. Whether a key is one that the rule asks for, or denies, is the policy's to say.
 * `listedAs`: what the keyring calls a key that does not count by that name, not being current or not for this project.
 */
export type WheelSignatureEvidence = { readonly kind: "wheel-signature" } & (
  | {
      readonly outcome: "verified";
      readonly key: KeyId;
      /** What the keyring calls the key. */
      readonly keyName?: string;
      readonly listedAs?: string;
      /** `embedded`: RECORD.jws in the wheel (PEP 427). `detached`: a file beside the artifact. */
      readonly form: "embedded" | "detached";
      /** Where the signature came from: a URL, a path or a member of the archive. */
      readonly source: string;
    }
  | {
      readonly outcome: "unknown";
      /** The key in its header, by which it verifies; absent where it has none, or names one in words of its own. */
      readonly key?: KeyId;
      readonly listedAs?: string;
      readonly reason: string;
      readonly source: string;
    }
  | ({
      readonly source: string;
      /** The key by which it verifies all the same; absent where it does not verify. */
      readonly key?: KeyId;
      readonly listedAs?: string;
    } & Invalid)
  | { readonly outcome: "absent" }
  | ({ readonly source: string } & Unavailable)
);

/** One SLSA verification summary of the file that verifies, or the lack of any. Whether it counts is the policy's to say. */
export type SummaryEvidence = { readonly kind: "summary" } & (
  | {
      readonly outcome: "verified";
      readonly signedBy:
        | { readonly kind: "certificate"; readonly signer: AttestedSigner; readonly signedAt: Date }
        | { readonly kind: "key"; readonly key: KeyId };
      /** The URI of whoever verified, as the summary says it. */
      readonly verifier: string;
      readonly result: "PASSED" | "FAILED";
      /** As the summary says it. */
      readonly timeVerified: Date;
      readonly source: string;
    }
  | { readonly outcome: "absent" }
  /** One that verifies, by a key that is not current, or without the agreement of the second verifier. */
  | ({ readonly source: string } & Invalid)
  | ({ readonly source: string } & Unavailable)
);

/** What an inspector from outside said, or that a file was changed meanwhile. It can refuse or fail; it cannot vouch. */
export type InspectorEvidence = { readonly kind: "inspector"; readonly inspector: string } & (Invalid | Unavailable);
