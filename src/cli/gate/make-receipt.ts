import { signerFields } from "../../trust/signer-fields.ts";
import type { Receipt, ReceiptAttestation, ReceiptSignature } from "../../verdict/receipt.ts";
import type { AdmittedArtifact, AllowVerdict } from "../../verdict/verdict.ts";
import type { PolicyInForce } from "../settings/policy-in-force.ts";
import { version } from "../version.ts";

/** What stays on disk of the verdict over an artifact. */
export function makeReceipt({ ref, size, digests, verdict }: AdmittedArtifact, policy: PolicyInForce): Receipt {
  const signatures = signaturesOf(verdict);
  return {
    schema: "tspip-receipt/1",
    tool: `tspip ${version}`,
    artifact: { filename: ref.filename.text, url: ref.url.href, size, hashes: { ...digests } },
    verdict: { rule: verdict.rule, policy: policy.sha256 },
    attestations: verdict.evidence.flatMap((evidence): ReceiptAttestation[] => {
      if (evidence.kind !== "attestation" || evidence.outcome !== "verified") return [];
      const { predicateType, signer, logIndex, signedAt } = evidence;
      return [
        {
          predicateType,
          signer: signerFields(signer),
          signedAt: signedAt.toISOString(),
          ...(logIndex !== undefined && { logIndex }),
        },
      ];
    }),
    ...(signatures.length > 0 && { signatures }),
  };
}

function signaturesOf({ evidence }: AllowVerdict): readonly ReceiptSignature[] {
  return evidence.flatMap((seen): ReceiptSignature[] => {
    if (seen.kind !== "wheel-signature" || seen.outcome !== "verified") return [];
    return [{ key: seen.key, ...(seen.keyName !== undefined && { keyName: seen.keyName }), form: seen.form }];
  });
}
