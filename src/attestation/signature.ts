import { hash } from "node:crypto";
import type { VerificationKey } from "../trust/verification-key.ts";
import type { Bundle } from "./bundle.ts";
import { preAuthenticationEncoding } from "./dsse.ts";
import { isDigestSignedBy } from "./ecdsa-digest.ts";
import type { SignedContent } from "./transparency-log.ts";
import { orInvalid, type Verification, VerificationError } from "./verification.ts";

/** What a bundle with a message signature is about: the artifact's bytes or, for P-256 keys, their SHA-256. */
export type ArtifactContent = { readonly bytes: Uint8Array } | { readonly sha256: Buffer };

export type SignedDigests = Pick<SignedContent, "signedDigest" | "payloadDigest">;

/** Verifies the signature of a bundle's content by `key`, and returns the digest of what it covers. */
export function verifySignature(
  content: Bundle["content"],
  key: VerificationKey,
  artifact: ArtifactContent | undefined,
  { isSignedBy, steps }: Verification,
): SignedDigests {
  const { signature } = content;
  if (content.kind === "dsse") {
    const signed = preAuthenticationEncoding(content);
    if (!isSignedBy(key, signed, signature)) throw new VerificationError("signature", "Signature does not verify");
    steps?.push({
      check: "signature",
      detail: `${key.algorithm} over ${content.payload.length} bytes of ${content.payloadType}`,
    });
    return { signedDigest: sha256(signed), payloadDigest: sha256(content.payload) };
  }
  if (artifact === undefined) return fail("Bundle is about an artifact, and none was given");
  const signedDigest = "bytes" in artifact ? sha256(artifact.bytes) : artifact.sha256;
  if (content.digest !== undefined && !isDigest(content.digest, signedDigest)) fail("Bundle is about another artifact");
  const isSigned =
    "bytes" in artifact
      ? isSignedBy(key, artifact.bytes, signature)
      : orInvalid("signature", "Signature cannot be read", () => isDigestSignedBy(key, signedDigest, signature));
  if (!isSigned) throw new VerificationError("signature", "Signature does not verify");
  steps?.push({
    check: "signature",
    detail: `${key.algorithm} over the artifact, sha256 ${signedDigest.toString("hex")}`,
  });
  return { signedDigest };
}

function isDigest({ algorithm, bytes }: { algorithm: string; bytes: Buffer }, sha256Digest: Buffer): boolean {
  return algorithm === "SHA2_256" && bytes.equals(sha256Digest);
}

function sha256(bytes: Uint8Array): Buffer {
  return hash("sha256", bytes, "buffer");
}

function fail(problem: string): never {
  throw new VerificationError("bundle", problem);
}
