import { verifyBundle } from "../attestation/verify.ts";
import { AttestationError } from "../errors.ts";
import type { KeyId } from "../trust/key-id.ts";
import type { AttestedSigner } from "../trust/signer.ts";
import type { TrustedRoot } from "../trust/trusted-root.ts";
import { type SignedSummary, signersOfEnvelope } from "./envelope.ts";
import { readSummary, type VerificationSummary } from "./summary-statement.ts";

/** A summary with who signed it. */
export interface VerifiedSummary extends VerificationSummary {
  readonly signedBy:
    | { readonly kind: "certificate"; readonly signer: AttestedSigner }
    | { readonly kind: "key"; readonly key: KeyId };
}

export interface SummaryContext {
  /** Keys whose signatures count. */
  readonly keys: readonly KeyId[];
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
  return (await Promise.all(signed.map((one) => verifyOne(one, context)))).flat();
}

async function verifyOne(signed: SignedSummary, context: SummaryContext): Promise<VerifiedSummary[]> {
  try {
    if (signed.kind === "bundle") return await verifyBundled(signed.bundle, context);
    const keys = signersOfEnvelope(signed, context.keys);
    // Only signed bytes are parsed.
    if (keys.length === 0) return [];
    const summary = readSummary(signed.envelope.payload);
    return keys.map((key) => ({ ...summary, signedBy: { kind: "key", key } }));
  } catch (error) {
    if (error instanceof AttestationError) return [];
    throw error;
  }
}

async function verifyBundled(
  bundle: Extract<SignedSummary, { kind: "bundle" }>["bundle"],
  { trustedRoot, now }: SummaryContext,
): Promise<VerifiedSummary[]> {
  const { content } = bundle;
  if (content.kind !== "dsse") return [];
  const { signedBy } = verifyBundle(bundle, await trustedRoot(), { now });
  if (signedBy.kind !== "certificate") return [];
  return [{ ...readSummary(content.payload), signedBy: { kind: "certificate", signer: signedBy.signer } }];
}
