import type { KeyObject } from "node:crypto";
import {
  type AlternativeName,
  authorityConstraints,
  type CertificateTemplate,
  extendedKeyUsage,
  extension,
  type KeyUsage,
  keyUsage,
  signed,
  subjectAlternativeNames,
  toBeSigned,
} from "./certificate.ts";
import type { CertificateLog } from "./certificate-transparency.ts";
import { derUtf8String } from "./der.ts";
import { generateKey, generateKeys, type KeyHolder, publicKeyDer } from "./keys.ts";

/** A root and an intermediate that issue code-signing certificates as Fulcio does. */
export interface CertificateAuthority {
  /** The intermediate, then the root; DER. */
  readonly chain: readonly Buffer[];
  /** The certificate, DER. */
  issue(request: CertificateRequest): Buffer;
}

export interface CertificateRequest {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  readonly subjectAlternativeNames: readonly AlternativeName[];
  /** Fulcio extensions by their last arc. */
  readonly extensions: ReadonlyMap<number, string>;
  readonly keyUsage: KeyUsage;
  readonly forCodeSigning: boolean;
  readonly isAuthority: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly issuedBy: KeyHolder;
  /** One signed certificate timestamp for each; no extension when there is none. */
  readonly timestampedBy: readonly KeyHolder[];
  /** Milliseconds since 1970; when it begins to be valid, when left out. */
  readonly timestampedAt?: bigint;
}

interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const authorityNames = { root: "tspip-test-root", intermediate: "tspip-test-intermediate" };
const fulcioArc = "1.3.6.1.4.1.57264.1";
const timestampListOid = "1.3.6.1.4.1.11129.2.4.2";

export function createCertificateAuthority(log: CertificateLog, validity: Validity): CertificateAuthority {
  const rootKey = generateKey("P-384");
  const keys = generateKeys("P-384");
  return {
    chain: [intermediateCertificate(keys.authority, rootKey, validity), rootCertificate(rootKey, validity)],
    issue: (request) => issueLeaf(request, keys[request.issuedBy], publicKeyDer(keys.authority), log),
  };
}

function rootCertificate(key: KeyObject, validity: Validity): Buffer {
  const publicKey = publicKeyDer(key);
  const tbs = toBeSigned({
    ...validity,
    subject: authorityNames.root,
    issuer: authorityNames.root,
    publicKey,
    issuerPublicKey: publicKey,
    extensions: [keyUsage("certificateAuthority"), authorityConstraints()],
  });
  return signed(tbs, key);
}

function intermediateCertificate(key: KeyObject, rootKey: KeyObject, validity: Validity): Buffer {
  const tbs = toBeSigned({
    ...validity,
    subject: authorityNames.intermediate,
    issuer: authorityNames.root,
    publicKey: publicKeyDer(key),
    issuerPublicKey: publicKeyDer(rootKey),
    extensions: [keyUsage("certificateAuthority"), extendedKeyUsage("codeSigning"), authorityConstraints(0)],
  });
  return signed(tbs, rootKey);
}

function issueLeaf(
  request: CertificateRequest,
  issuerKey: KeyObject,
  issuerPublicKey: Buffer,
  log: CertificateLog,
): Buffer {
  const template: CertificateTemplate = {
    issuer: authorityNames.intermediate,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    publicKey: request.publicKey,
    issuerPublicKey,
    extensions: [
      keyUsage(request.keyUsage),
      ...(request.forCodeSigning ? [extendedKeyUsage("codeSigning")] : []),
      ...(request.isAuthority ? [authorityConstraints()] : []),
      subjectAlternativeNames(request.subjectAlternativeNames),
      ...[...request.extensions].map(fulcioExtension),
    ],
  };
  const tbs = toBeSigned(template);
  if (request.timestampedBy.length === 0) return signed(tbs, issuerKey);

  const { timestampedAt = BigInt(request.notBefore.getTime()), timestampedBy } = request;
  const list = log.timestampList({ tbs, issuerPublicKey }, timestampedAt, timestampedBy);
  const extensions = [...template.extensions, extension(timestampListOid, list)];
  return signed(toBeSigned({ ...template, extensions }), issuerKey);
}

/** .1 to .6 are raw UTF-8, .8 and up DER (sigstore/fulcio, docs/oid-info.md). */
function fulcioExtension([arc, text]: [number, string]): Buffer {
  return extension(`${fulcioArc}.${arc}`, arc < 8 ? Buffer.from(text) : derUtf8String(text));
}
