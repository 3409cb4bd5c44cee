import type { Check } from "../../attestation/verification.ts";
import type { FindingId } from "../../verdict/finding-catalog.ts";
import type { AttestationObject, ProvenanceObject } from "./attestation.ts";
import type { CertificateRequest } from "./certificate-authority.ts";
import type { DsseEntry, Statement } from "./statement.ts";
import type { TimestampRequest } from "./timestamp-authority.ts";
import type { LogVersion, NewEntry } from "./transparency-log.ts";
import type { TrustedRootDocument } from "./trusted-root.ts";

/**
 * One thing that is wrong. Each step of attesting passes through the hook of its name, if the flaw has one: what comes
 * before the signatures is signed as bent, what comes after is bent under a signature that no longer fits.
 * `another` is what a good attestation, by another key about another file, has in the same place.
 */
export interface Flaw {
  /** Completes the sentence "Refused, because …". */
  readonly because: string;
  /** The finding that comes first. */
  readonly finding: FindingId;
  /** Our check that fails; absent where the document cannot be read, or what fails is not the attestation itself. */
  readonly check?: Check;
  /** Why @sigstore/verify refuses the bundle; absent when it accepts, and the refusal is ours alone. */
  readonly sigstore?: string;
  /** The log, where the flaw is in what only its attestations have. */
  readonly log?: LogVersion;
  readonly certificate?: (request: CertificateRequest) => CertificateRequest;
  readonly statement?: (statement: Statement) => Statement;
  readonly statementText?: (text: string) => string;
  readonly logged?: (entry: DsseEntry, another: DsseEntry) => DsseEntry;
  readonly entry?: (entry: NewEntry) => NewEntry;
  readonly timestamp?: (request: TimestampRequest) => TimestampRequest;
  readonly attestation?: (attestation: AttestationObject, another: AttestationObject) => AttestationObject;
  readonly provenance?: (provenance: ProvenanceObject) => ProvenanceObject;
  readonly trustedRoot?: (root: TrustedRootDocument) => TrustedRootDocument;
}

/** The next step's input: as it is, or as the flaw's hook for this step bends it. */
export function bent<Value, Context extends unknown[]>(
  hook: ((value: Value, ...context: Context) => Value) | undefined,
  value: Value,
  ...context: Context
): Value {
  return hook === undefined ? value : hook(value, ...context);
}
