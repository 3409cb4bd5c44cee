import type { SerializedBundle } from "@sigstore/bundle";
import { IndexError, messageOf } from "../errors.ts";
import { type PublishedFile, publishStatement, statementType } from "./publish-statement.ts";

/** A Sigstore instance to sign with; the public one where nothing is said. */
export interface SigningInstance {
  readonly fulcioUrl?: string | undefined;
  readonly rekorUrl?: string | undefined;
  readonly timeoutMs: number;
}

/**
 * Signs a publish attestation with a key that lives for this one signature, certified for the identity of the token and
 * logged in public. Package sigstore opens the connections.
 * @param identityToken a JSON Web Token with the audience `sigstore`
 * @returns a PEP 740 attestation object, as JSON
 * @throws IndexError `signing-failed`
 */
export async function makeAttestation(
  file: PublishedFile,
  identityToken: string,
  { fulcioUrl, rekorUrl, timeoutMs }: SigningInstance,
): Promise<string> {
  // Larger than all the rest of the command, and rarely needed.
  const { attest } = await import("sigstore");
  try {
    const bundle = await attest(Buffer.from(publishStatement(file)), statementType, {
      identityToken,
      timeout: timeoutMs,
      ...(fulcioUrl !== undefined && { fulcioURL: fulcioUrl }),
      ...(rekorUrl !== undefined && { rekorURL: rekorUrl }),
    });
    return JSON.stringify(toAttestation(bundle));
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    const why = cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
    throw new IndexError("signing-failed", `Cannot attest "${file.filename}": ${why}`, { cause: error });
  }
}

/** The same material, by the names of PEP 740 ("attestation objects"). */
function toAttestation({ verificationMaterial, dsseEnvelope }: SerializedBundle): object {
  return {
    version: 1,
    verification_material: {
      certificate: verificationMaterial.certificate?.rawBytes,
      transparency_entries: verificationMaterial.tlogEntries,
    },
    envelope: { statement: dsseEnvelope?.payload, signature: dsseEnvelope?.signatures[0]?.sig },
  };
}
