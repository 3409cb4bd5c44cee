import { bundleFromJSON, type SerializedBundle } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import type { Bundle, LogEntry } from "../attestation/bundle.ts";
import { messageOf, TrustError } from "../errors.ts";
import type { AttestedSigner } from "../trust/signer.ts";

/** Why another verifier does not agree that `signer` made this attestation; nothing when it agrees. */
export type SecondOpinion = (attestation: Bundle, signer: AttestedSigner) => string | undefined;

/**
 * Asks @sigstore/verify, which shares no code with ours: signature, certificate chain, log and times have to verify
 * for it as well, and it has to read the same identity from the certificate. Statement and policy are not its business.
 * @param trustedRootJson the root that ours verified under
 * @throws TrustError `trusted-root-invalid` where @sigstore/verify cannot read that
 */
export function createSecondOpinion(trustedRootJson: string): SecondOpinion {
  const verifier = openVerifier(trustedRootJson);
  return (attestation, { claims }) => {
    try {
      const { identity } = verifier.verify(toSignedEntity(bundleFromJSON(serialized(attestation))));
      const theirs = [identity?.subjectAlternativeName, identity?.extensions?.issuer];
      const ours = [claims.san.value, claims.issuer];
      return theirs.every((value, at) => value === ours[at])
        ? undefined
        : `it reads the identity ${theirs.join(" by ")}, tspip reads ${ours.join(" by ")}`;
    } catch (error) {
      return messageOf(error);
    }
  };
}

function openVerifier(trustedRootJson: string): Verifier {
  try {
    return new Verifier(toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(trustedRootJson))));
  } catch (error) {
    const message = `@sigstore/verify cannot use the trusted root: ${messageOf(error)}`;
    throw new TrustError("trusted-root-invalid", message, { cause: error });
  }
}

/** A bundle as JSON, in version 0.3 whatever it came as. */
function serialized({ signedBy, entries, timestamps, content }: Bundle): SerializedBundle {
  if (signedBy.kind !== "certificate" || content.kind !== "dsse")
    throw new Error("It is no attestation with a certificate");
  const rfc3161Timestamps = timestamps.map((stamp) => ({ signedTimestamp: base64(stamp) }));
  return {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: {
      certificate: { rawBytes: base64(signedBy.certificate) },
      tlogEntries: entries.map(serializedEntry),
      timestampVerificationData: { rfc3161Timestamps },
    },
    dsseEnvelope: {
      payload: base64(content.payload),
      payloadType: content.payloadType,
      signatures: [{ sig: base64(content.signature), keyid: "" }],
    },
  } as unknown as SerializedBundle;
}

function serializedEntry(entry: LogEntry): object {
  const {
    logIndex,
    logId,
    kind,
    version,
    integratedTime,
    signedEntryTimestamp,
    inclusionProof: proof,
    canonicalizedBody,
  } = entry;
  return {
    logIndex: String(logIndex),
    logId: { keyId: base64(logId) },
    kindVersion: { kind, version },
    integratedTime: String(integratedTime ?? 0),
    ...(signedEntryTimestamp && { inclusionPromise: { signedEntryTimestamp: base64(signedEntryTimestamp) } }),
    ...(proof && {
      inclusionProof: {
        logIndex: String(proof.logIndex),
        rootHash: base64(proof.rootHash),
        treeSize: String(proof.treeSize),
        hashes: proof.hashes.map(base64),
        checkpoint: { envelope: proof.checkpoint ?? "" },
      },
    }),
    canonicalizedBody: base64(canonicalizedBody),
  };
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64");
}
