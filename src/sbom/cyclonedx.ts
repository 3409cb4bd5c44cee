import type { Serialize } from "@cyclonedx/cyclonedx-library";
import type { Contact } from "./authors.ts";

/**
 * The parts of a CycloneDX 1.6 and 1.7 document that cyclonedx-library 10.3 has no model for, as JSON has them; only
 * the members that tspip writes. `serialize.ts` puts them into what the library makes.
 */
export interface BeyondLibrary {
  /** By `bom-ref`. */
  readonly components: ReadonlyMap<string, ComponentBeyondLibrary>;
  /** Of components in components, as other documents have them. */
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly compositions: readonly Composition[];
  readonly vulnerabilities?: readonly Vulnerability[];
  readonly declarations?: Declarations;
  readonly definitions?: { readonly standards: readonly Standard[] };
}

/** What the library makes. */
export type LibraryBom = Serialize.JSON.Types.Normalized.Bom;
export type LibraryComponent = Serialize.JSON.Types.Normalized.Component;

export interface ComponentBeyondLibrary {
  readonly authors?: readonly Contact[];
  /** Components that it holds: files, and what nested documents name. */
  readonly components?: readonly InnerComponent[];
  readonly evidence: {
    readonly identity: readonly IdentityEvidence[];
    readonly occurrences: readonly { readonly location: string }[];
    /** Licence texts that were found. */
    readonly licenses?: readonly { readonly license: LicenseText }[];
  };
}

export interface LicenseText {
  readonly name: string;
  readonly text: { readonly contentType: string; readonly encoding: "base64"; readonly content: string };
}

/** A component as JSON has it, where the library's model would be in the way. */
export interface InnerComponent {
  readonly type: string;
  readonly "bom-ref"?: string;
  readonly group?: string;
  readonly name: string;
  readonly version?: string;
  readonly description?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly (
    | { readonly license: { readonly id?: string; readonly name?: string } }
    | { readonly expression: string }
  )[];
  readonly purl?: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
  readonly components?: readonly InnerComponent[];
}

/** What VEX says of a vulnerability. */
export interface Vulnerability {
  readonly id: string;
  readonly source?: { readonly name?: string; readonly url?: string };
  readonly description?: string;
  readonly detail?: string;
  readonly recommendation?: string;
  readonly advisories?: readonly { readonly title?: string; readonly url: string }[];
  /** RFC 3339, as the next two. */
  readonly created?: string;
  readonly published?: string;
  readonly updated?: string;
  readonly analysis?: Analysis;
  readonly affects: readonly { readonly ref: string }[];
}

export interface Analysis {
  readonly state?: string;
  readonly justification?: string;
  readonly response?: readonly string[];
  readonly detail?: string;
  readonly firstIssued?: string;
  readonly lastUpdated?: string;
}

/** componentIdentityEvidence. */
export interface IdentityEvidence {
  readonly field: "purl" | "hash";
  /** 0 to 1. */
  readonly confidence: number;
  readonly concludedValue: string;
  readonly methods: readonly {
    readonly technique: "manifest-analysis" | "hash-comparison" | "attestation";
    readonly confidence: number;
    readonly value: string;
  }[];
  /** By `bom-ref`. */
  readonly tools: readonly string[];
}

export interface Composition {
  readonly aggregate: "complete" | "incomplete" | "unknown";
  readonly assemblies?: readonly string[];
  readonly dependencies?: readonly string[];
}

export interface Declarations {
  readonly assessors: readonly {
    readonly "bom-ref": string;
    readonly thirdParty: boolean;
    readonly organization: { readonly name: string };
  }[];
  readonly attestations: readonly {
    readonly summary: string;
    readonly assessor: string;
    readonly map: readonly {
      readonly requirement: string;
      readonly claims: readonly string[];
      readonly conformance: { readonly score: number; readonly rationale: string };
    }[];
  }[];
  readonly claims: readonly Claim[];
  readonly evidence: readonly DeclaredEvidence[];
}

export interface Claim {
  readonly "bom-ref": string;
  readonly target: string;
  readonly predicate: string;
  readonly reasoning: string;
  readonly evidence: readonly string[];
}

export interface DeclaredEvidence {
  readonly "bom-ref": string;
  readonly propertyName: string;
  readonly description: string;
  readonly data: readonly {
    readonly name: string;
    readonly contents: { readonly attachment: { readonly contentType: string; readonly content: string } };
  }[];
  /** RFC 3339. */
  readonly created?: string;
}

export interface Standard {
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly owner: string;
  readonly requirements: readonly { readonly "bom-ref": string; readonly identifier: string; readonly title: string }[];
}

/** Versions of CycloneDX that tspip writes. */
export type SpecVersion = "1.6" | "1.7";
