import { generateKeys, keyIdOf, publicKeyDer, signBytes } from "./keys.ts";
import type { DsseEntry } from "./statement.ts";
import { createLogTree, type TransparencyLog } from "./transparency-log.ts";

const host = "rekor.tspip.test";

/** Entries of earlier trees of the log: the global index is ahead of the index in the tree by so many. */
const earlierEntries = 1_000_000;

/** A log that promises inclusion with a signed time, and proves it, as Rekor v1 does. */
export function createRekorV1(): TransparencyLog {
  const keys = generateKeys("P-256");
  const keyId = keyIdOf(keys.authority);
  const tree = createLogTree();
  return {
    host,
    publicKey: publicKeyDer(keys.authority),
    keyDetails: "PKIX_ECDSA_P256_SHA_256",
    keyId,
    append(entry) {
      const body = canonicalBody(entry.logged);
      const { index, proof } = tree.append(body, {
        origin: entry.checkpointOrigin ?? `${host} - 5715715715715715715`,
        name: host,
        // The log's id, and not a hash over the note's name as well, as the note format has it.
        keyId,
        key: keys[entry.checkpointBy],
      });
      const promise = {
        body: Buffer.from(body).toString("base64"),
        integratedTime: Math.floor(entry.time.getTime() / 1000),
        logID: keyId.toString("hex"),
        logIndex: earlierEntries + index,
      };
      // Signed as canonical JSON (RFC 8785); the members stand in its order already.
      const signedEntryTimestamp = signBytes(keys[entry.promisedBy], Buffer.from(JSON.stringify(promise)));
      return {
        logIndex: String(promise.logIndex),
        logId: { keyId: keyId.toString("base64") },
        kindVersion: { kind: "dsse", version: "0.0.1" },
        integratedTime: String(promise.integratedTime),
        inclusionPromise: { signedEntryTimestamp: signedEntryTimestamp.toString("base64") },
        inclusionProof: proof,
        canonicalizedBody: promise.body,
      };
    },
  };
}

/** Canonical JSON (RFC 8785): the members stand in its order already. */
function canonicalBody({ envelopeSha256, payloadSha256, signature, certificate }: DsseEntry): string {
  return JSON.stringify({
    apiVersion: "0.0.1",
    kind: "dsse",
    spec: {
      envelopeHash: { algorithm: "sha256", value: envelopeSha256.toString("hex") },
      payloadHash: { algorithm: "sha256", value: payloadSha256.toString("hex") },
      signatures: [{ signature: signature.toString("base64"), verifier: toPem(certificate).toString("base64") }],
    },
  });
}

function toPem(certificate: Buffer): Buffer {
  const lines = certificate.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return Buffer.from(`-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`);
}
