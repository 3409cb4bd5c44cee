import type { JsonValue } from "../encoding/json.ts";
import type { AttestedSigner } from "../trust/signer.ts";
import type { TrustedRoot } from "../trust/trusted-root.ts";
import { isSignedBy, type SignatureCheck, type VerificationKey } from "../trust/verification-key.ts";
import { type Bundle, inTotoPayloadType } from "./bundle.ts";
import { checkNoRoot, checkProfile, readCertificate, verifyChain } from "./certificate.ts";
import { readSigner } from "./certificate-claims.ts";
import { verifyCertificateTimestamp } from "./sct.ts";
import { type ArtifactContent, verifySignature } from "./signature.ts";
import { type AttestedFile, checkPredicate, checkSubject, readStatement } from "./statement.ts";
import { hasVerifiedIndex, verifyLogEntry } from "./transparency-log.ts";
import type { TrustedTime } from "./trusted-time.ts";
import { orInvalid, type StepLog, type Verification, VerificationError } from "./verification.ts";
import { verifyTimes } from "./verify-times.ts";

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
  /** Looks at the signatures; here and now when left out. */
  readonly isSignedBy?: SignatureCheck;
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

export interface VerifyBundleOptions extends VerifyOptions {
  /** Needed for message signatures. An envelope says itself what it is about: that is for the caller to compare. */
  readonly artifact?: ArtifactContent | undefined;
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
  const verification: Verification = { isSignedBy: options.isSignedBy ?? isSignedBy, steps: options.steps };
  // 1. The times that a log or timestamp authority has signed for.
  const times = verifyTimes(bundle, trustedRoot, options.now, verification);
  // 2. The signer: a certificate that was valid at all of these times, or the key that the caller expects.
  const { signedBy, verifier } = verifySigner(bundle, times, trustedRoot, { key: options.key, verification });
  // 3. The signature.
  const digests = verifySignature(bundle.content, signedBy.key, options.artifact, verification);
  // 4. Every entry of the bundle is in its log, and about this signature.
  const content = { ...digests, signature: bundle.content.signature, verifier };
  for (const entry of bundle.entries) verifyLogEntry(entry, content, times, trustedRoot, verification);
  const indexed = bundle.entries.find(hasVerifiedIndex);
  return {
    signedBy,
    signedAt: new Date(Math.min(...times.map(({ moment }) => moment))),
    ...(indexed && { logIndex: indexed.logIndex.toString() }),
  };
}

function verifySigner(
  { signedBy }: Bundle,
  times: readonly TrustedTime[],
  root: TrustedRoot,
  { key, verification }: Pick<VerifyBundleOptions, "key"> & { readonly verification: Verification },
): Pick<VerifiedBundle, "signedBy"> & { readonly verifier: Buffer } {
  if (signedBy.kind === "public-key") {
    if (key === undefined)
      return fail("Bundle is signed with a key of its own, and no key was given to verify it with");
    return { signedBy: { kind: "public-key", key }, verifier: key.spki };
  }
  if (key !== undefined) return fail("Bundle is signed with a certificate, and a key was given to verify it with");
  const certificate = readCertificate(signedBy.certificate);
  checkNoRoot(signedBy.chain);
  const issuer = verifyChain(certificate, times, root, verification);
  checkProfile(certificate, verification.steps);
  verifyCertificateTimestamp(certificate, issuer, root, verification);
  const signer = orInvalid("certificate", "Certificate's claims cannot be read", () => readSigner(certificate));
  return { signedBy: { kind: "certificate", signer, key: certificate.key }, verifier: certificate.der };
}

function fail(problem: string): never {
  throw new VerificationError("bundle", problem);
}
