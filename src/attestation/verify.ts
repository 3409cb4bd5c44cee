import { createHash } from "node:crypto";
import type { JsonValue } from "../encoding/json.ts";
import type { AttestedSigner } from "../trust/signer.ts";
import type { TrustedRoot } from "../trust/trusted-root.ts";
import { isSignedBy, type VerificationKey } from "../trust/verification-key.ts";
import { type Bundle, inTotoPayloadType } from "./bundle.ts";
import { checkNoRoot, checkProfile, iso, orInvalid, readCertificate, verifyChain } from "./certificate.ts";
import { readSigner } from "./certificate-claims.ts";
import { preAuthenticationEncoding } from "./dsse.ts";
import { isDigestSignedBy } from "./ecdsa-digest.ts";
import { verifyCertificateTimestamp } from "./sct.ts";
import { type AttestedFile, checkPredicate, checkSubject, readStatement } from "./statement.ts";
import { verifyTimestamp } from "./timestamp.ts";
import {
  checkDistinct,
  hasVerifiedIndex,
  promisedTime,
  type SignedContent,
  verifyLogEntry,
} from "./transparency-log.ts";
import type { TrustedTime } from "./trusted-time.ts";
import { type StepLog, VerificationError } from "./verification.ts";

export { checkPublisherClaim } from "./publisher-claim.ts";

/** An attestation that passed every check. It says who signed what; whether that is enough is the policy's to say. */
export interface VerifiedAttestation {
  readonly signer: AttestedSigner;
  readonly predicateType: string;
  readonly predicate: JsonValue;
  /** The trusted time of signing: the earliest, if there are several. */
  readonly signedAt: Date;
  /** Decimal, since it may exceed 2^53; absent when nobody has signed for it. */
  readonly logIndex?: string;
}

export interface VerifyOptions {
  /** Trusted times after it are refused. */
  readonly now?: Date | undefined;
  /** Gets a line for each check that was passed. */
  readonly steps?: StepLog;
}

/**
 * Verifies one PEP 740 attestation for `file` and returns who made it.
 * @throws VerificationError naming the check that failed
 * @throws UncountedPredicateError when it verifies and is about neither publishing nor building
 */
export function verifyAttestation(
  attestation: Bundle,
  file: AttestedFile,
  trustedRoot: TrustedRoot,
  options: VerifyOptions = {},
): VerifiedAttestation {
  const { content } = attestation;
  if (content.kind !== "dsse" || content.payloadType !== inTotoPayloadType)
    fail("Bundle does not hold an in-toto statement");
  const { signedBy, signedAt, logIndex } = verifyBundle(attestation, trustedRoot, options);
  if (signedBy.kind !== "certificate") return fail("Attestation is not signed with a certificate");
  const statement = readStatement(content.payload);
  checkSubject(statement, file, options.steps);
  checkPredicate(statement, options.steps);
  const { predicateType, predicate } = statement;
  return { signer: signedBy.signer, predicateType, predicate, signedAt, ...(logIndex !== undefined && { logIndex }) };
}

/** What a bundle with a message signature is about: the artifact's bytes or, for P-256 keys, their SHA-256. */
export type SignedArtifact = { readonly bytes: Uint8Array } | { readonly sha256: Buffer };

export interface VerifyBundleOptions extends VerifyOptions {
  /** Needed for message signatures. An envelope says itself what it is about: that is for the caller to compare. */
  readonly artifact?: SignedArtifact | undefined;
  /** Needed for bundles that are signed with a key of their own instead of a certificate. */
  readonly key?: VerificationKey | undefined;
}

export interface VerifiedBundle {
  readonly signedBy:
    | { readonly kind: "certificate"; readonly signer: AttestedSigner; readonly key: VerificationKey }
    | { readonly kind: "public-key"; readonly key: VerificationKey };
  readonly signedAt: Date;
  readonly logIndex?: string;
}

/**
 * Verifies any Sigstore bundle (sigstore/architecture-docs, client-spec.md, section 4): signature, log, time and
 * certificate. Nothing is fetched, and nothing of the bundle is believed that the trusted root does not stand behind.
 * @throws VerificationError naming the check that failed
 */
export function verifyBundle(
  bundle: Bundle,
  trustedRoot: TrustedRoot,
  options: VerifyBundleOptions = {},
): VerifiedBundle {
  const { steps } = options;
  // 1. The times that a log or timestamp authority has signed for.
  const times = verifyTimes(bundle, trustedRoot, options);
  // 2. The signer: a certificate that was valid at all of these times, or the key that the caller expects.
  const { signedBy, verifier } = verifySigner(bundle, times, trustedRoot, options);
  // 3. The signature.
  const content = verifySignature(bundle, signedBy.key, verifier, options);
  // 4. Every entry of the bundle is in its log, and about this signature.
  for (const entry of bundle.entries) verifyLogEntry(entry, content, times, trustedRoot, steps);
  const indexed = bundle.entries.find(hasVerifiedIndex);
  return {
    signedBy,
    signedAt: new Date(Math.min(...times.map(({ moment }) => moment))),
    ...(indexed && { logIndex: indexed.logIndex.toString() }),
  };
}

/** Clocks differ; logs and authorities keep theirs well. */
const clockToleranceMilliseconds = 5 * 60_000;

function verifyTimes(bundle: Bundle, root: TrustedRoot, { now, steps }: VerifyOptions): readonly TrustedTime[] {
  if (bundle.entries.length === 0)
    throw new VerificationError("log-entry", "Bundle has no entry of a transparency log");
  checkDistinct(bundle.entries);
  const { signature } = bundle.content;
  // A stamp twice says nothing more than the stamp.
  if (new Set(bundle.timestamps.map((timestamp) => timestamp.toString("base64"))).size < bundle.timestamps.length) {
    throw new VerificationError("timestamp", "Bundle has the same timestamp twice");
  }
  const stamped = bundle.timestamps.map((timestamp) => verifyTimestamp(timestamp, signature, root, steps));
  const promised = bundle.entries.flatMap((entry) => promisedTime(entry, root, steps) ?? []);
  const times = [...stamped, ...promised];
  if (times.length === 0) {
    throw new VerificationError(
      "timestamp",
      "Nobody trusted has signed for the time: no log's promise and no timestamp",
    );
  }
  const future = now && times.find(({ moment }) => moment > now.getTime() + clockToleranceMilliseconds);
  if (future)
    throw new VerificationError("timestamp", `The time of ${future.source} is ${iso(future.moment)}, in the future`);
  return times;
}

function verifySigner(
  { signedBy }: Bundle,
  times: readonly TrustedTime[],
  root: TrustedRoot,
  { key, steps }: VerifyBundleOptions,
): Pick<VerifiedBundle, "signedBy"> & { readonly verifier: Buffer } {
  if (signedBy.kind === "public-key") {
    if (key === undefined)
      return fail("Bundle is signed with a key of its own, and no key was given to verify it with");
    return { signedBy: { kind: "public-key", key }, verifier: key.spki };
  }
  if (key !== undefined) return fail("Bundle is signed with a certificate, and a key was given to verify it with");
  const certificate = readCertificate(signedBy.certificate);
  checkNoRoot(signedBy.chain);
  const issuer = verifyChain(certificate, times, root, steps);
  checkProfile(certificate, steps);
  verifyCertificateTimestamp(certificate, issuer, root, steps);
  const signer = orInvalid("certificate", "Certificate's claims cannot be read", () => readSigner(certificate));
  return { signedBy: { kind: "certificate", signer, key: certificate.key }, verifier: certificate.der };
}

function verifySignature(
  { content }: Bundle,
  key: VerificationKey,
  verifier: Buffer,
  { artifact, steps }: VerifyBundleOptions,
): SignedContent {
  const { signature } = content;
  if (content.kind === "dsse") {
    const signed = preAuthenticationEncoding(content);
    if (!isSignedBy(key, signed, signature)) throw new VerificationError("signature", "Signature does not verify");
    steps?.push({
      check: "signature",
      detail: `${key.algorithm} over ${content.payload.length} bytes of ${content.payloadType}`,
    });
    return { signedDigest: sha256(signed), payloadDigest: sha256(content.payload), signature, verifier };
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
  return { signedDigest, signature, verifier };
}

function isDigest({ algorithm, bytes }: { algorithm: string; bytes: Buffer }, sha256Digest: Buffer): boolean {
  return algorithm === "SHA2_256" && bytes.equals(sha256Digest);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function fail(problem: string): never {
  throw new VerificationError("bundle", problem);
}
