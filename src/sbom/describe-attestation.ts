import type { ReceiptAttestation } from "../verdict/receipt.ts";
import { clipped } from "./text.ts";

/** Who made an attestation, on one line for people. The certificate's fields, as far as the receipt has them. */
export function describeAttestation({ predicateType, signer }: ReceiptAttestation): string {
  const { kind, repository, project, project_id: projectId, email, subject, workflow, ref } = signer;
  const who = repository ?? project ?? projectId ?? email ?? subject;
  const where = [workflow, ref].filter((part) => part !== undefined);
  const from = where.length === 0 ? "" : ` (${where.join(", ")})`;
  return clipped(`${predicateType} by ${[kind, who].filter((part) => part !== undefined).join(" ")}${from}`);
}
