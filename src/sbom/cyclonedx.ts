import type { Serialize } from "@cyclonedx/cyclonedx-library";
import type { Contact } from "./authors.ts";

/**
 * The parts of a CycloneDX 1.6 and 1.7 document that cyclonedx-library 10.3 has no model for, as JSON has them; only
 * the members that tspip writes. `serialize.ts` puts them into what the library makes.
 */
export interface BeyondLibrary {
  /** By `bom-ref`. */
  readonly components: ReadonlyMap<string, ComponentBeyondLibrary>;
  readonly compositions: readonly Composition[];
  readonly declarations?: Declarations;
  readonly definitions?: { readonly standards: readonly Standard[] };
}

/** What the library makes. */
export type LibraryBom = Serialize.JSON.Types.Normalized.Bom;
export type LibraryComponent = Serialize.JSON.Types.Normalized.Component;

export interface ComponentBeyondLibrary {
  readonly authors?: readonly Contact[];
  readonly evidence: {
    readonly identity: readonly IdentityEvidence[];
    readonly occurrences: readonly { readonly location: string }[];
  };
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
  readonly aggregate: "complete" | "incomplete";
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
  readonly requirements: readonly { readonly "bom-ref": string; readonly identifier: string; readonly title: string }[];
}
