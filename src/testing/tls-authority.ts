import "reflect-metadata";
import { createHash, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** A certificate authority for servers of a test. */
export interface TlsAuthority {
  /** PEM. */
  readonly certificate: string;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly sha256: string;
  /** A certificate, with its key, for a server of that name or address. */
  issue(host: string): Promise<ServerCertificate>;
}

/** Both as PEM; the certificate with its authority's behind it. */
export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const validity = { notBefore: new Date("2021-01-01T00:00:00Z"), notAfter: new Date("2041-01-01T00:00:00Z") };

export async function createTlsAuthority(name: string): Promise<TlsAuthority> {
  x509.cryptoProvider.set(webcrypto as unknown as typeof globalThis.crypto);
  const keys = await newKeys();
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    certificate: own.toString("pem"),
    sha256: createHash("sha256").update(new Uint8Array(own.rawData)).digest("hex"),
    async issue(host) {
      const serverKeys = await newKeys();
      const type = /^[\d.]+$/.test(host) ? "ip" : "dns";
      const certificate = await x509.X509CertificateGenerator.create({
        ...validity,
        subject: `CN=${host}`,
        issuer: own.subject,
        publicKey: serverKeys.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [new x509.SubjectAlternativeNameExtension([{ type, value: host }])],
      });
      const key = await webcrypto.subtle.exportKey("pkcs8", serverKeys.privateKey);
      return {
        key: x509.PemConverter.encode(key, "PRIVATE KEY"),
        cert: `${certificate.toString("pem")}\n${own.toString("pem")}`,
      };
    },
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>;
}
