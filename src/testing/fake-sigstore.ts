import { createHash, createPublicKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SigningAuthority } from "./signing-authority.ts";
import type { TestPublisher } from "./trusted-publishers.ts";

/** Fulcio and Rekor on loopback, over a signing authority: who asks is certified as `publisher`. */
export interface FakeSigstore extends AsyncDisposable {
  readonly url: string;
  /** `METHOD PATH` of every request, in order. */
  readonly requests: readonly string[];
}

export async function startFakeSigstore(authority: SigningAuthority, publisher: TestPublisher): Promise<FakeSigstore> {
  const requests: string[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${request.url}`);
    const body = JSON.parse(await readText(request));
    if (request.url === "/api/v2/signingCert") answer(response, certify(body.publicKeyRequest.publicKey.content));
    else if (request.url === "/api/v1/log/entries") answer(response, log(body.spec.proposedContent));
    else answer(response, { message: "there is no such thing" }, 404);
  };
  /** Fulcio's `CreateSigningCertificate`. */
  const certify = (publicKeyPem: string) => {
    const publicKey = createPublicKey(publicKeyPem).export({ type: "spki", format: "der" });
    const certificate = authority.certify(publisher, publicKey, new Date());
    return { signedCertificateEmbeddedSct: { chain: { certificates: [new X509Certificate(certificate).toString()] } } };
  };
  /** Rekor's `createLogEntry`, for entries of kind `dsse`. */
  const log = ({ envelope: text, verifiers }: { envelope: string; verifiers: string[] }) => {
    const envelope = JSON.parse(text);
    const certificate = new X509Certificate(Buffer.from(verifiers[0] ?? "", "base64")).raw;
    const payload = Buffer.from(envelope.payload, "base64");
    const signature = Buffer.from(envelope.signatures[0].sig, "base64");
    const entry = authority.log({ payload, signature, certificate }, new Date());
    const { inclusionProof: proof } = entry;
    if (proof?.checkpoint === undefined) throw new TypeError("Rekor v1 proves that an entry is in it");
    const hex = (base64: string) => Buffer.from(base64, "base64").toString("hex");
    return {
      [createHash("sha256").update(text).digest("hex")]: {
        body: entry.canonicalizedBody,
        integratedTime: Number(entry.integratedTime),
        logID: hex(entry.logId.keyId),
        logIndex: Number(entry.logIndex),
        verification: {
          signedEntryTimestamp: entry.inclusionPromise?.signedEntryTimestamp,
          inclusionProof: {
            logIndex: Number(proof.logIndex),
            treeSize: Number(proof.treeSize),
            rootHash: hex(proof.rootHash),
            hashes: proof.hashes.map(hex),
            checkpoint: proof.checkpoint.envelope,
          },
        },
      },
    };
  };
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function answer(response: ServerResponse, body: object, status = 201): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
