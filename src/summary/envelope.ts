import { type Bundle, type DsseEnvelope, inTotoPayloadType } from "../attestation/bundle.ts";
import { preAuthenticationEncoding } from "../attestation/dsse.ts";
import { parseAttestationDocument } from "../attestation/provenance.ts";
import { decodeBase64 } from "../encoding/base64.ts";
import { derSignature } from "../encoding/der-signature.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../encoding/json.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { AttestationError, messageOf } from "../errors.ts";
import type { Signer } from "../signature/sign.ts";
import type { KeyId } from "../trust/key-id.ts";
import { isSignedBy, type VerificationKey } from "../trust/verification-key.ts";

/** One signed statement of a file of summaries; nothing of it is verified. */
export type SignedSummary =
  | {
      readonly kind: "envelope";
      readonly envelope: Pick<DsseEnvelope, "payloadType" | "payload">;
      readonly signatures: readonly Buffer[];
    }
  | { readonly kind: "bundle"; readonly bundle: Bundle };

const limits = { bytes: 64 << 20, lines: 20_000, signatures: 32 };

/** A DSSE envelope with one signature by a key (secure-systems-lab/dsse, envelope.md), as one line. */
export async function signEnvelope(payload: Buffer, signer: Signer): Promise<string> {
  const signed = preAuthenticationEncoding({ payloadType: inTotoPayloadType, payload });
  const raw = Buffer.from(await signer.sign(signed));
  const signature = signer.key.startsWith("p256:") ? derSignature(raw) : raw;
  return JSON.stringify({
    payloadType: inTotoPayloadType,
    payload: payload.toString("base64"),
    signatures: [{ keyid: signer.key, sig: signature.toString("base64") }],
  });
}

/**
 * Reads lines of DSSE envelopes and Sigstore bundles (in-toto/attestation, spec/v1/bundle.md), or a single one.
 * @param source its name, for messages
 * @throws AttestationError
 */
export function parseSummaries(bytes: Uint8Array, source: string): SignedSummary[] {
  if (bytes.length > limits.bytes) throw unreadable(source, `it has ${bytes.length} bytes, more than ${limits.bytes}`);
  const text = decode(bytes, source);
  const lines = text
    .split("\n")
    .flatMap((line, at) => (line.trim() === "" ? [] : [{ line, place: `${source}:${at + 1}` }]));
  if (lines.length === 0) throw unreadable(source, "it is empty");
  if (lines.length > limits.lines) throw unreadable(source, `it has ${lines.length} lines, more than ${limits.lines}`);
  // A single document may be spread over lines: then the first line is no whole object.
  const isSpread = lines.length > 1 && !isJson(lines[0]?.line ?? "");
  return isSpread ? readEntry(text, source) : lines.flatMap(({ line, place }) => readEntry(line, place));
}

function readEntry(text: string, place: string): SignedSummary[] {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (error) {
    throw unreadable(place, `it is no JSON with one reading: ${messageOf(error)}`);
  }
  if (isJsonObject(value) && "payload" in value) return [readEnvelope(value, place)];
  const { bundles } = parseAttestationDocument(Buffer.from(text), place);
  return bundles.flatMap(({ attestations }) => attestations.map((bundle) => ({ kind: "bundle", bundle }) as const));
}

function readEnvelope({ payloadType, payload, signatures }: JsonObject, place: string): SignedSummary {
  const bytes = typeof payload === "string" ? decodeBase64(payload) : undefined;
  if (typeof payloadType !== "string" || bytes === undefined || !Array.isArray(signatures))
    throw unreadable(place, "it is no DSSE envelope");
  if (signatures.length > limits.signatures)
    throw unreadable(place, `it has ${signatures.length} signatures, more than ${limits.signatures}`);
  const values = signatures.flatMap((entry: JsonValue) => {
    const sig = isJsonObject(entry) && typeof entry.sig === "string" ? decodeBase64(entry.sig) : undefined;
    return sig === undefined ? [] : [sig];
  });
  return { kind: "envelope", envelope: { payloadType, payload: bytes }, signatures: values };
}

/** The trusted keys by which the envelope was signed; what its `keyid` says is a hint that nobody signed. */
export function signersOfEnvelope(
  { envelope, signatures }: Extract<SignedSummary, { kind: "envelope" }>,
  keys: ReadonlyMap<KeyId, VerificationKey>,
): KeyId[] {
  if (envelope.payloadType !== inTotoPayloadType) return [];
  const signed = preAuthenticationEncoding(envelope);
  const isBy = (key: VerificationKey) => signatures.some((signature) => isSignedBy(key, signed, signature));
  return [...keys].flatMap(([id, key]) => (isBy(key) ? [id] : []));
}

function decode(bytes: Uint8Array, source: string): string {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw unreadable(source, "it is not UTF-8");
  return text;
}

function isJson(line: string): boolean {
  try {
    parseJson(line);
    return true;
  } catch {
    return false;
  }
}

function unreadable(place: string, problem: string): AttestationError {
  return new AttestationError("summary-unreadable", `Cannot read the summaries in "${place}": ${problem}`);
}
