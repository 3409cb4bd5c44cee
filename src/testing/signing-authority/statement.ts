import { sha256 } from "./keys.ts";

export const publishPredicate = "https://docs.pypi.org/attestations/publish/v1";
export const slsaPredicate = "https://slsa.dev/provenance/v1";

/** An in-toto statement (in-toto/attestation, spec/v1/statement.md). */
export interface Statement {
  readonly _type: string;
  readonly subject: readonly Subject[];
  readonly predicateType: string;
  readonly predicate: unknown;
}

export interface Subject {
  readonly name: string;
  readonly digest: Readonly<Record<string, string>>;
}

export const payloadType = "application/vnd.in-toto+json";

/** DSSE v1: what is signed (secure-systems-lab/dsse, protocol.md). */
export function preAuthenticationEncoding(payload: Uint8Array): Buffer {
  const header = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(header), payload]);
}

/** What a log keeps of a DSSE envelope with one signature. */
export interface DsseEntry {
  readonly envelopeSha256: Buffer;
  readonly payloadSha256: Buffer;
  readonly signature: Buffer;
  /** The signer's certificate, DER. */
  readonly certificate: Buffer;
}

export function dsseEntry(payload: Buffer, signature: Buffer, certificate: Buffer): DsseEntry {
  const signatures = [{ sig: signature.toString("base64") }];
  const envelope = JSON.stringify({ payload: payload.toString("base64"), payloadType, signatures });
  return { envelopeSha256: sha256(Buffer.from(envelope)), payloadSha256: sha256(payload), signature, certificate };
}
