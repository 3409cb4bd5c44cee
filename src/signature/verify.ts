import { verify } from "node:crypto";
import type { JsonObject } from "../encoding/json.ts";
import type { KeyId } from "../trust/key-id.ts";
import type { VerificationKey } from "../trust/verification-key.ts";
import type { SignatureEntry, SignedDocument, UnusableEntry } from "./jws.ts";
import { embeddedKeyId, requiredKey, type SigningKeys } from "./signing-keys.ts";

/** What became of one signature. */
export type SignatureFate =
  | { readonly fate: "verified"; readonly key: KeyId }
  /**
   * By nobody who is trusted. `key`: the key in its header, and the signature is by that one. `kid`: what it calls its
   * key, which nobody can check.
   */
  | { readonly fate: "unknown"; readonly key?: KeyId; readonly kid?: string; readonly reason: string }
  | { readonly fate: "invalid"; readonly reason: string };

/**
 * Verifies every signature of a document by itself: one that is bad or foreign neither counts nor harms the others.
 * Only `keys` verify; a key in a header says which of them to take, and nothing more.
 * @param typ what the protected header has to say of the payload's type, so that no document is taken for another's
 */
export function verifySignatures(
  { entries }: SignedDocument,
  keys: SigningKeys,
  typ: (typ: JsonObject[string] | undefined) => boolean,
): readonly SignatureFate[] {
  return entries.map((entry) => verifyEntry(entry, keys, typ));
}

function verifyEntry(
  entry: SignatureEntry | UnusableEntry,
  keys: SigningKeys,
  isTyp: (typ: JsonObject[string] | undefined) => boolean,
): SignatureFate {
  if ("problem" in entry) return invalid(entry.problem);
  const { header } = entry;
  if (!isTyp(header.typ)) return invalid(`it is over something else: its "typ" is ${shown(header.typ)}`);
  const kind = typeof header.alg === "string" ? algorithms.get(header.alg) : undefined;
  if (kind === undefined) return invalid(`its algorithm is ${shown(header.alg)}, not Ed25519, EdDSA or ES256`);
  if (entry.signature.length !== 64) return invalid(`it has ${entry.signature.length} bytes, not 64`);

  const embedded = embeddedKeyId(header);
  const named = typeof header.kid === "string" ? keyOfKid(header.kid, keys) : undefined;
  if (embedded !== undefined && named !== undefined && embedded !== named)
    return invalid("its header names two different keys");
  const id = named ?? embedded;
  if (id === undefined) return tryAll(entry, kind, keys);
  const key = keys.byId.get(id);
  if (!isBy(entry, key ?? requiredKey(id), kind)) return invalid(`it is not by ${id}, the key that it names`);
  return key === undefined ? { fate: "unknown", key: id, reason: `it is by ${id}` } : { fate: "verified", key: id };
}

/** RFC 8037 and RFC 9864 have two names for one algorithm; RFC 7518, 3.4. */
const algorithms: ReadonlyMap<string, VerificationKey["algorithm"]> = new Map([
  ["Ed25519", "ed25519"],
  ["EdDSA", "ed25519"],
  ["ES256", "ecdsa-p256"],
]);

/** A key id is free text (RFC 7515, 4.1.4). We write thumbprints; whatever else it may be only its writer knows. */
function keyOfKid(kid: string, { byId, byThumbprint }: SigningKeys): KeyId | undefined {
  return byThumbprint.get(kid) ?? (byId.has(kid as KeyId) ? (kid as KeyId) : undefined);
}

function tryAll(entry: SignatureEntry, kind: VerificationKey["algorithm"], { byId }: SigningKeys): SignatureFate {
  for (const [id, key] of byId) if (isBy(entry, key, kind)) return { fate: "verified", key: id };
  const { kid } = entry.header;
  if (typeof kid !== "string") return { fate: "unknown", reason: "it does not name its key" };
  return { fate: "unknown", kid, reason: `it calls its key "${kid.slice(0, 100)}"` };
}

function isBy({ signingInput, signature }: SignatureEntry, key: VerificationKey, kind: string): boolean {
  if (key.algorithm !== kind) return false;
  try {
    // RFC 7518, 3.4: the two halves one after the other, not DER.
    return kind === "ed25519"
      ? verify(null, signingInput, key.publicKey, signature)
      : verify("sha256", signingInput, { key: key.publicKey, dsaEncoding: "ieee-p1363" }, signature);
  } catch {
    return false;
  }
}

/** Of a header, which may be as long as its writer likes. */
function shown(value: JsonObject[string] | undefined): string {
  return (JSON.stringify(value) ?? "not there").slice(0, 100);
}

function invalid(reason: string): SignatureFate {
  return { fate: "invalid", reason };
}
