import { generateKeys, publicKeyDer, sha256 } from "./keys.ts";
import type { DsseEntry } from "./statement.ts";
import { createLogTree, type TransparencyLog } from "./transparency-log.ts";

const host = "log2025.rekor.tspip.test";

/** A log that proves inclusion and vouches for no time, as Rekor v2 does: the time is a timestamp authority's. */
export function createRekorV2(): TransparencyLog {
  const keys = generateKeys("Ed25519");
  const publicKey = publicKeyDer(keys.authority);
  const keyId = noteKeyId(host, publicKey);
  const tree = createLogTree();
  return {
    host,
    publicKey,
    keyDetails: "PKIX_ED25519",
    keyId,
    append(entry) {
      const body = canonicalBody(entry.logged);
      const origin = entry.checkpointOrigin ?? host;
      const { index, proof } = tree.append(body, { origin, name: host, keyId, key: keys[entry.checkpointBy] });
      return {
        logIndex: String(index),
        logId: { keyId: keyId.toString("base64") },
        kindVersion: { kind: "dsse", version: "0.0.2" },
        inclusionProof: proof,
        canonicalizedBody: Buffer.from(body).toString("base64"),
      };
    },
  };
}

/** The key id of an Ed25519 key in a signed note (c2sp.org/signed-note); Rekor keeps all of its bytes. */
function noteKeyId(name: string, publicKey: Buffer): Buffer {
  const ed25519 = Buffer.of(1);
  return sha256(Buffer.from(`${name}\n`), ed25519, publicKey.subarray(-32));
}

/** Canonical JSON (RFC 8785): the members stand in its order already. */
function canonicalBody({ payloadSha256, signature, certificate }: DsseEntry): string {
  return JSON.stringify({
    apiVersion: "0.0.2",
    kind: "dsse",
    spec: {
      dsseV002: {
        payloadHash: { algorithm: "SHA2_256", digest: payloadSha256.toString("base64") },
        signatures: [
          {
            content: signature.toString("base64"),
            verifier: {
              keyDetails: "PKIX_ECDSA_P256_SHA_256",
              x509Certificate: { rawBytes: certificate.toString("base64") },
            },
          },
        ],
      },
    },
  });
}
