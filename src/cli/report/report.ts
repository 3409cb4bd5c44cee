import type { SignerFields } from "../../trust/signer-fields.ts";
import type { Finding } from "../../verdict/finding.ts";

/** The JSON report, schema `tspip-report/1` (docs/report.schema.json). A contract with users: fields are only added. */
export interface Report {
  readonly schema: "tspip-report/1";
  readonly tool: { readonly name: "tspip"; readonly version: string };
  readonly command: string;
  readonly policy: { readonly source: string; readonly sha256: string };
  readonly outcome: Outcome;
  readonly artifacts: readonly ReportedArtifact[];
  /** Findings about the request as a whole, not about one artifact. */
  readonly findings: readonly Finding[];
  /** With `--diff`: what changed since the other lock file, by project. */
  readonly changes?: readonly ReportedChange[];
  /** With `--report-coverage`. */
  readonly coverage?: ReportedCoverage;
}

/** How much is attested, by whom, and what rules will refuse that only warn yet. */
export interface ReportedCoverage {
  /** Counts. `unknown`: attestations were not looked for, or could not be had. */
  readonly artifacts: {
    readonly total: number;
    readonly attested: number;
    readonly unattested: number;
    readonly unknown: number;
  };
  /** `attested`: every file of it is. */
  readonly projects: { readonly total: number; readonly attested: number };
  readonly signers: readonly {
    readonly signer: string;
    readonly predicate: "publish" | "slsa";
    readonly artifacts: number;
  }[];
  readonly unattested: readonly { readonly filename: string; readonly state: "unattested" | "unknown" }[];
  /** One entry for each rule with `mode = "warn"` that applies to something. */
  readonly upcoming: readonly ReportedTightening[];
}

export interface ReportedTightening {
  readonly rule: string;
  /** The day, in UTC, from which the rule is enforced; absent where the policy names none. */
  readonly from?: string;
  /** What would not be admitted then; the findings are those that say why. */
  readonly artifacts: readonly {
    readonly filename: string;
    readonly decision: "allow" | "deny" | "undecided";
    readonly findings: readonly Finding[];
  }[];
}

export interface ReportedChange {
  readonly name: string;
  readonly change: "added" | "changed" | "removed";
  readonly before?: ReportedRelease;
  readonly after?: ReportedRelease;
  /** Of a project that is in both; absent where it is not known of one of them. */
  readonly signers?: "same" | "new" | "changed" | "lost";
  /** Files that kept their name and got another digest. */
  readonly changed_digests?: readonly string[];
}

export interface ReportedRelease {
  readonly versions: readonly string[];
  /** Absent where nobody could be asked, or where the file is not for the interpreter at hand. */
  readonly signers?: readonly string[];
}

export type Outcome = "allowed" | "refused" | "undecided";

export interface ReportedArtifact {
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  readonly url: string;
  /** Where it was asked for; absent for words of the command line. */
  readonly place?: ReportedPlace;
  /** Bytes; absent when the artifact was refused before it was downloaded, as are `hashes`. */
  readonly size?: number;
  readonly hashes?: Readonly<Record<string, string>>;
  readonly decision: "allow" | "warn" | "deny" | "undecided";
  readonly rule: string;
  readonly findings: readonly Finding[];
  readonly evidence: readonly ReportedEvidence[];
  /** With `verify -v`: how the release is attested, in PyPI's words, as the index says. */
  readonly release?: {
    readonly states: readonly string[];
    readonly files: number;
    readonly files_with_provenance: number;
    /** The version before it. */
    readonly compared_with?: string;
  };
  /** What was not looked at, where the digest of a lock file was judged in place of the bytes: `archive`, `record`. */
  readonly unseen?: readonly string[];
}

/** A line of a requirements or lock file, or a file that was named as it is. The path is as the user wrote it. */
export interface ReportedPlace {
  readonly file: string;
  /** From 1. */
  readonly line?: number;
}

/** Evidence with the report's spelling of keys; which keys there are depends on kind and outcome. */
export interface ReportedEvidence {
  readonly kind: string;
  readonly outcome: string;
  readonly predicate_type?: string;
  readonly signer?: SignerFields;
  /** Of a SLSA provenance: what it says of the build. */
  readonly builder_id?: string;
  readonly build_type?: string;
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
  readonly log_index?: string;
  /** RFC 3339, UTC: the trusted time of signing. */
  readonly integrated_time?: string;
  /** A path or URL. */
  readonly source?: string;
  /** What the document turned out to be: `provenance`, `attestation`, `sigstore-bundle` or `json-lines`. */
  readonly format?: string;
  /** With `--explain`: the checks that were passed, in order. */
  readonly steps?: readonly { readonly check: string; readonly detail: string }[];
  /** Of a wheel signature: the key as `ed25519:…` or `p256:…`, and what the keyring calls it. */
  readonly key?: string;
  readonly key_name?: string;
  readonly form?: "embedded" | "detached";
  /** Of a verification summary: who verified, and what came out. */
  readonly verifier?: string;
  readonly result?: "PASSED" | "FAILED";
  /** RFC 3339, UTC. */
  readonly time_verified?: string;
  /** Of a pinned hash: `bundle` where it was pinned by whoever made the bundle, and not by the user. */
  readonly pinned_by?: "bundle";
  readonly absence?: string;
  readonly reason?: string;
  readonly inspector?: string;
  readonly files?: number;
}
