import type { SignerFields } from "../trust/signer-fields.ts";

/** The file that tspip leaves in a `.dist-info` folder; other installers carry it along as any unknown file. */
export const receiptFilename = "tspip.json";

/**
 * What stays on disk of a verdict: which artifact was installed, and who vouched for it. RECORD lists it. PEP 710's
 * `provenance_url.json`, the closest standard, is a draft and knows neither verdict nor signers.
 */
export interface Receipt {
  readonly schema: "tspip-receipt/1";
  readonly tool: string;
  readonly artifact: {
    readonly filename: string;
    /** Where the bytes came from; without credentials. */
    readonly url: string;
    /** Bytes. */
    readonly size: number;
    readonly hashes: Readonly<Record<string, string>>;
  };
  readonly verdict: {
    readonly rule: string;
    /** SHA-256 of the policy file. */
    readonly policy: string;
  };
  readonly attestations: readonly ReceiptAttestation[];
  /** Signatures by keys that counted; absent where there were none, or nobody asked for them. */
  readonly signatures?: readonly ReceiptSignature[];
}

export interface ReceiptSignature {
  /** `ed25519:…` or `p256:…`, as policies spell keys. */
  readonly key: string;
  /** What the keyring called it. */
  readonly keyName?: string;
  readonly form: "embedded" | "detached";
}

export interface ReceiptAttestation {
  readonly predicateType: string;
  readonly signer: SignerFields;
  readonly logIndex?: string;
  /** RFC 3339, UTC. */
  readonly signedAt: string;
}

export function formatReceipt(receipt: Receipt): string {
  return `${JSON.stringify(receipt, null, 2)}\n`;
}

/** Reads a receipt; nothing when it is none that this version knows. What it says is only as true as the file is. */
export function parseReceipt(text: string): Receipt | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isReceipt(value) ? value : undefined;
}

function isReceipt(value: unknown): value is Receipt {
  const { schema, tool, artifact, verdict, attestations, signatures = [] } = fieldsOf(value);
  const { filename, url, size, hashes } = fieldsOf(artifact);
  const { rule, policy } = fieldsOf(verdict);
  return (
    schema === "tspip-receipt/1" &&
    [tool, filename, url, rule, policy].every((text) => typeof text === "string") &&
    typeof size === "number" &&
    isTextTable(hashes) &&
    Array.isArray(attestations) &&
    attestations.every(isAttestation) &&
    Array.isArray(signatures) &&
    signatures.every(isSignature)
  );
}

function isSignature(value: unknown): value is ReceiptSignature {
  const { key, keyName = "", form } = fieldsOf(value);
  return typeof key === "string" && typeof keyName === "string" && (form === "embedded" || form === "detached");
}

function isAttestation(value: unknown): value is ReceiptAttestation {
  const { predicateType, signer, logIndex = "", signedAt } = fieldsOf(value);
  const isText = [predicateType, logIndex, signedAt].every((text) => typeof text === "string");
  return isText && isTextTable(signer) && "kind" in signer;
}

function isTextTable(value: unknown): value is Record<string, string> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && Object.values(value).every((text) => typeof text === "string");
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
