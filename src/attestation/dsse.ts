import type { DsseEnvelope } from "./bundle.ts";

/**
 * What a DSSE signature covers: the payload's type and bytes with their lengths, so that neither can be taken for the
 * other (secure-systems-lab/dsse, protocol.md: PAE, the pre-authentication encoding).
 */
export function preAuthenticationEncoding({
  payloadType,
  payload,
}: Pick<DsseEnvelope, "payloadType" | "payload">): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
