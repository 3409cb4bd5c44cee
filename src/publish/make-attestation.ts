import type { SerializedBundle } from "@sigstore/bundle";
import { type PublishedFile, publishStatement } from "./publish-statement.ts";
import { type SigningInstance, signStatement } from "./sign-statement.ts";

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
  instance: SigningInstance,
): Promise<string> {
  const statement = Buffer.from(publishStatement(file));
  return JSON.stringify(toAttestation(await signStatement(statement, file.filename, identityToken, instance)));
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
