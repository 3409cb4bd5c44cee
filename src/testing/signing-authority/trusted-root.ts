import type { CertificateAuthority } from "./certificate-authority.ts";
import type { CertificateLog } from "./certificate-transparency.ts";
import type { TimestampAuthority } from "./timestamp-authority.ts";
import type { TransparencyLog } from "./transparency-log.ts";

/** A Sigstore trusted root (protobuf-specs, `TrustedRoot`) as protobuf JSON. */
export interface TrustedRootDocument {
  readonly mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1";
  readonly tlogs: readonly LogInstance[];
  readonly certificateAuthorities: readonly AuthorityInstance[];
  readonly ctlogs: readonly LogInstance[];
  readonly timestampAuthorities: readonly AuthorityInstance[];
}

export interface LogInstance {
  readonly baseUrl: string;
  readonly hashAlgorithm: "SHA2_256";
  readonly publicKey: { readonly rawBytes: string; readonly keyDetails: string; readonly validFor?: ValidFor };
  readonly logId: { readonly keyId: string };
}

export interface AuthorityInstance {
  readonly subject: { readonly organization: string; readonly commonName: string };
  readonly uri: string;
  readonly certChain: { readonly certificates: readonly { readonly rawBytes: string }[] };
  readonly validFor: ValidFor;
}

/** RFC 3339 times; the end is inclusive. */
export interface ValidFor {
  readonly start?: string;
  readonly end?: string;
}

interface TrustedParties {
  readonly start: Date;
  readonly certificateAuthority: Pick<CertificateAuthority, "chain">;
  readonly certificateLog: Pick<CertificateLog, "publicKey" | "keyId">;
  readonly logs: readonly TransparencyLog[];
  readonly timestampAuthority: Pick<TimestampAuthority, "chain">;
}

export function trustedRoot(parties: TrustedParties): TrustedRootDocument {
  const validFor = { start: parties.start.toISOString() };
  return {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: parties.logs.map((log) => logInstance(`https://${log.host}`, log, validFor)),
    certificateAuthorities: [authorityInstance("fulcio", parties.certificateAuthority.chain, validFor)],
    ctlogs: [logInstance("https://ctfe.tspip.test/2022", certificateLogOf(parties), validFor)],
    timestampAuthorities: [authorityInstance("timestamp", parties.timestampAuthority.chain, validFor)],
  };
}

function certificateLogOf({ certificateLog }: TrustedParties): LogKey {
  return { ...certificateLog, keyDetails: "PKIX_ECDSA_P256_SHA_256" };
}

type LogKey = Pick<TransparencyLog, "publicKey" | "keyId" | "keyDetails">;

function logInstance(baseUrl: string, { publicKey, keyId, keyDetails }: LogKey, validFor: ValidFor): LogInstance {
  return {
    baseUrl,
    hashAlgorithm: "SHA2_256",
    publicKey: { rawBytes: publicKey.toString("base64"), keyDetails, validFor },
    logId: { keyId: keyId.toString("base64") },
  };
}

function authorityInstance(service: string, chain: readonly Buffer[], validFor: ValidFor): AuthorityInstance {
  return {
    subject: { organization: "tspip.test", commonName: `tspip-test-${service}` },
    uri: `https://${service}.tspip.test`,
    certChain: { certificates: chain.map((certificate) => ({ rawBytes: certificate.toString("base64") })) },
    validFor,
  };
}
