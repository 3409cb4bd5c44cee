import type { Bundle } from "../attestation/bundle.ts";
import { verifyBundle } from "../attestation/verify.ts";
import { AttestationError } from "../errors.ts";
import { type KeyId, keyOfId } from "../trust/key-id.ts";
import type { AttestedSigner } from "../trust/signer.ts";
import type { TrustedRoot } from "../trust/trusted-root.ts";
import type { VerificationKey } from "../trust/verification-key.ts";
import { type SignedSummary, signersOfEnvelope } from "./envelope.ts";
import { readSummary, type VerificationSummary } from "./summary-statement.ts";

/** A summary with who signed it. */
export interface VerifiedSummary extends VerificationSummary {
  readonly signedBy:
    | {
        readonly kind: "certificate";
        readonly signer: AttestedSigner /** As its log or timestamp says. */;
        readonly signedAt: Date;
      }
    | { readonly kind: "key"; readonly key: KeyId };
  /** Why it does not count though it verifies. */
  readonly objection?: SummaryObjection;
}

export interface SummaryObjection {
  readonly id: "key-not-current" | "second-opinion-disagrees";
  readonly reason: string;
}

export interface SummaryContext {
  /** Keys whose signatures count. */
  readonly keys: readonly KeyId[];
  /** Why one of them does not count now; nothing when it does. Called once one of them has signed. */
  readonly revocationOf?: (key: KeyId) => Promise<string | undefined>;
  /** Why another verifier does not agree that `signer` has signed a bundle; nothing when it agrees. */
  readonly secondOpinion?: (bundle: Bundle, signer: AttestedSigner) => Promise<string | undefined>;
  /** Called once a bundle turns up. */
  readonly trustedRoot: () => Promise<TrustedRoot>;
  readonly now: Date;
}

/**
 * Those of `signed` that verify, once for each signer. Anybody can write a file: what is by nobody who is known, does not
 * verify or is no summary neither counts nor harms.
 */
export async function verifySummaries(
  signed: readonly SignedSummary[],
  context: SummaryContext,
): Promise<VerifiedSummary[]> {
  const keys = importKeys(context.keys);
  return (await Promise.all(signed.map((one) => verifyOne(one, keys, context)))).flat();
}

/** By their ids, but for ids that name no key. Once for all lines, of which there may be one for each of thousands of artifacts. */
function importKeys(ids: readonly KeyId[]): ReadonlyMap<KeyId, VerificationKey> {
  const keys = new Map<KeyId, VerificationKey>();
  for (const id of ids) {
    const key = keyOfId(id);
    if (key !== undefined) keys.set(id, key);
  }
  return keys;
}

async function verifyOne(
  signed: SignedSummary,
  keys: ReadonlyMap<KeyId, VerificationKey>,
  context: SummaryContext,
): Promise<VerifiedSummary[]> {
  try {
    if (signed.kind === "bundle") return await verifyBundled(signed.bundle, context);
    const signers = signersOfEnvelope(signed, keys);
    // Only signed bytes are parsed.
    if (signers.length === 0) return [];
    const summary = readSummary(signed.envelope.payload);
    return await Promise.all(signers.map((key) => bySigningKey(key, summary, context)));
  } catch (error) {
    if (error instanceof AttestationError) return [];
    throw error;
  }
}

async function bySigningKey(
  key: KeyId,
  summary: VerificationSummary,
  { revocationOf }: SummaryContext,
): Promise<VerifiedSummary> {
  const reason = await revocationOf?.(key);
  return {
    ...summary,
    signedBy: { kind: "key", key },
    ...(reason && { objection: { id: "key-not-current", reason } }),
  };
}

async function verifyBundled(
  bundle: Bundle,
  { trustedRoot, secondOpinion, now }: SummaryContext,
): Promise<VerifiedSummary[]> {
  const { content } = bundle;
  if (content.kind !== "dsse") return [];
  const { signedBy, signedAt } = verifyBundle(bundle, await trustedRoot(), { now });
  if (signedBy.kind !== "certificate") return [];
  const { signer } = signedBy;
  const summary = readSummary(content.payload);
  const reason = await secondOpinion?.(bundle, signer);
  return [
    {
      ...summary,
      signedBy: { kind: "certificate", signer, signedAt },
      ...(reason && { objection: { id: "second-opinion-disagrees", reason } }),
    },
  ];
}
