import { digestOf } from "../distribution/digest.ts";
import { SignatureError } from "../errors.ts";
import { parseSignedDocument } from "../signature/jws.ts";
import { type Signer, signDocument } from "../signature/sign.ts";
import { signingKeys } from "../signature/signing-keys.ts";
import { verifySignatures } from "../signature/verify.ts";
import type { KeyId } from "../trust/key-id.ts";

/** The `typ` of the signature: it keeps a signature of a wheel by the same key from being taken for one of a bundle. */
export const bundleType = "tspip-bundle+json";

/** A detached signature over a manifest, in the form of `FILE.jws`: the manifest stays a text that people can read. */
export function signManifest(manifest: Uint8Array, signer: Signer): Promise<Buffer> {
  return signDocument(payloadFor(manifest), bundleType, signer);
}

/** Whose a manifest is. `unknown`: signed, by nobody who is accepted. */
export type ManifestSigner =
  | { readonly outcome: "verified"; readonly key: KeyId }
  | { readonly outcome: "unknown" | "invalid"; readonly reason: string };

/** @param accepted the keys of those who may make bundles for the receiver */
export function judgeManifest(manifest: Uint8Array, signature: Uint8Array, accepted: readonly KeyId[]): ManifestSigner {
  try {
    const document = parseSignedDocument(signature);
    // Before the keys: of a manifest that was changed, nobody's signature says anything.
    if (!document.payload.equals(payloadFor(manifest)))
      return { outcome: "invalid", reason: "it is over another manifest" };
    const fates = verifySignatures(document, signingKeys(accepted), (typ) => typ === bundleType);
    const verified = fates.find((fate) => fate.fate === "verified");
    if (verified !== undefined) return { outcome: "verified", key: verified.key };
    const unknown = fates.find((fate) => fate.fate === "unknown");
    if (unknown !== undefined) return { outcome: "unknown", reason: unknown.reason };
    return { outcome: "invalid", reason: fates.map((fate) => ("reason" in fate ? fate.reason : "")).join("; ") };
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    return { outcome: "invalid", reason: error.message };
  }
}

/** One manifest has one payload, so that it can be compared to the byte. */
function payloadFor(manifest: Uint8Array): Buffer {
  return Buffer.from(JSON.stringify({ sha256: digestOf(manifest), size: manifest.length }));
}
