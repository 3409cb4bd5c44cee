import type { KeyId } from "../../trust/key-id.ts";
import type { Publisher } from "../../trust/publisher.ts";
import type { AttestationAbsence, SeenBuild } from "../../verdict/evidence.ts";
import type { FindingId } from "../../verdict/finding-catalog.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import type { Predicate } from "../condition.ts";
import type { Origin, PolicySubject } from "../policy.ts";

/**
 * One entry of a `cases.json`: an artifact, what was seen of it, and what the policy must say. docs/policy.md has the
 * format, in which the keys are written as in a policy.
 */
export interface PolicyCase extends Situation {
  readonly title: string;
  /** What is not there is not compared. */
  readonly expect: {
    readonly decision: Verdict["decision"];
    readonly rule?: string;
    /** All of them, in order. */
    readonly findings?: readonly FindingId[];
  };
}

/** An artifact, and what was seen of it. */
export interface Situation {
  readonly artifact: {
    readonly filename: string;
    readonly index?: string;
    readonly relation?: PolicySubject["relation"];
    readonly yanked?: string;
    readonly projectStatus?: (typeof projectStatuses)[number];
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
  /** One verification summary each, or why there is none; `["absent"]` when not there. */
  readonly summaries?: readonly CaseSummary[];
  /** Who named a digest; `index` when absent. */
  readonly hash?: CaseHash;
  /** Whether the files match RECORD; `match` when absent. */
  readonly record?: CaseRecord;
  /** The time of judging (RFC 3339); that of the run when absent. */
  readonly now?: string;
}

/** How an index marks a project (PEP 792), besides as active. */
export const projectStatuses = ["archived", "deprecated", "quarantined"] as const;

export const caseHashes = ["index", "user", "nobody", "mismatch"] as const;
export type CaseHash = (typeof caseHashes)[number];

export const caseRecords = ["match", "mismatch", "unavailable"] as const;
export type CaseRecord = (typeof caseRecords)[number];

export const attestationWords = [
  "none",
  "unknown",
  "refused",
  "empty",
  "predicate",
  "invalid",
  "unavailable",
] as const satisfies readonly (AttestationAbsence | "invalid" | "unavailable")[];

export type CaseAttestation = (typeof attestationWords)[number] | AttestationBy;

/** An attestation that verifies: its predicate, and by whom. */
export type AttestationBy = Readonly<Partial<Record<Predicate, Publisher>>> & {
  /** Of a SLSA provenance: what it says of the build. */
  readonly build?: SeenBuild;
  /** The trusted time of signing, RFC 3339. */
  readonly signedAt?: string;
};

export const signatureWords = ["absent", "invalid", "unavailable"] as const;

export type CaseSignature =
  | (typeof signatureWords)[number]
  | { readonly key: KeyId; readonly keyName?: string; readonly form?: (typeof signatureForms)[number] };

export const signatureForms = ["embedded", "detached"] as const;

export const summaryWords = ["absent", "unavailable"] as const;

export type CaseSummary =
  | (typeof summaryWords)[number]
  | {
      readonly by: Publisher | KeyId;
      /** The URI of whoever verified. */
      readonly verifier: string;
      readonly result: (typeof summaryResults)[number];
      /** When it was verified, RFC 3339. */
      readonly at: string;
    };

export const summaryResults = ["PASSED", "FAILED"] as const;
