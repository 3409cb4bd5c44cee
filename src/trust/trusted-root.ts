import { hash } from "node:crypto";
import { type JsonValue, parseJson, parseJsonBytes } from "../encoding/json.ts";
import { JsonReader } from "../encoding/json-reader.ts";
import { messageOf, TrustError } from "../errors.ts";
import {
  basicConstraints,
  type Certificate,
  hasKeyUsage,
  isIssuedBy,
  parseCertificate,
  unknownCriticalExtension,
} from "./certificate.ts";
import { importKey, type VerificationKey } from "./verification-key.ts";

/** Sigstore's trust material: whom to believe, and for which time (protobuf-specs, sigstore_trustroot.proto). */
export interface TrustedRoot {
  /** Rekor instances, version 1 and 2. */
  readonly transparencyLogs: readonly TransparencyLog[];
  /** Fulcio instances. */
  readonly certificateAuthorities: readonly CertificateAuthority[];
  readonly certificateLogs: readonly TransparencyLog[];
  readonly timestampAuthorities: readonly CertificateAuthority[];
  /** Lower-case hex digest of the document, by which reports name it. */
  readonly sha256: string;
}

export interface TransparencyLog {
  /** Host, and path if there is one: the name under which a Rekor instance signs its checkpoints. */
  readonly name: string;
  readonly logId: Buffer;
  /** Its first four bytes stand before the log's signature of a checkpoint. The same as `logId` in Rekor 1. */
  readonly checkpointKeyId: Buffer;
  readonly key: VerificationKey;
  readonly validFor: ValidityWindow;
}

export interface CertificateAuthority {
  readonly name: string;
  /** Its links were verified when it was read. */
  readonly chain: Chain;
  readonly validFor: ValidityWindow;
}

/** From the lowest certificate up to the anchor. */
type Chain = readonly [Certificate, ...Certificate[]];

/** Milliseconds since 1970. Both ends are inside; without an end it lasts. */
export interface ValidityWindow {
  readonly start: number;
  readonly end?: number;
}

export function isInside(moment: number, { start, end }: ValidityWindow): boolean {
  return start <= moment && (end === undefined || moment <= end);
}

/** When the newest of its parts begins to be trusted, in milliseconds since 1970; a document has no date of its own. */
export function newestStart(root: TrustedRoot): number {
  return Math.max(...partsOf(root).map(({ validFor }) => validFor.start));
}

function partsOf(root: Omit<TrustedRoot, "sha256">): readonly (TransparencyLog | CertificateAuthority)[] {
  const { certificateAuthorities, transparencyLogs, certificateLogs, timestampAuthorities } = root;
  return [certificateAuthorities, transparencyLogs, certificateLogs, timestampAuthorities].flat();
}

const mediaTypes: readonly string[] = [
  "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
  "application/vnd.dev.sigstore.trustedroot.v0.2+json",
];

/** The public instance's root has ten entries. */
const maxEntries = 256;
const maxChain = 16;

export interface TrustedRootOptions {
  /** Whether this very document was read and verified before, as the embedded one was, by a test. */
  readonly wasVerified?: boolean;
}

/**
 * Reads a trusted root. Keys and certificates are imported and each chain's links verified here, once, so that nothing
 * of it is left to do for each attestation. Of one that was verified before, keys and chains are imported when something
 * first asks for them: most attestations ask for half of those that there are.
 * @throws TrustError `trusted-root-invalid`, naming the member that is wrong
 */
export function parseTrustedRoot(
  json: string | Uint8Array,
  { wasVerified = false }: TrustedRootOptions = {},
): TrustedRoot {
  const root = new JsonReader(parse(json), "trusted root", refuse);
  const mediaType = root.member("mediaType").text();
  if (!mediaTypes.includes(mediaType)) refuse(`mediaType "${mediaType}" is not one that tspip knows`);
  const parts = (member: string) => root.member(member).elements(maxEntries);
  const getter = wasVerified ? whenAsked : atOnce;
  const check: typeof checkLinks = wasVerified ? () => {} : checkLinks;
  const logs = (member: string) => parts(member).map((entry) => readLog(entry, getter));
  const authorities = (member: string, firstAuthority: number) =>
    parts(member).map((entry) => readAuthority(entry, getter, (chain) => check(chain, firstAuthority, entry)));
  const trusted = {
    transparencyLogs: logs("tlogs"),
    certificateAuthorities: authorities("certificateAuthorities", 0),
    certificateLogs: logs("ctlogs"),
    // A timestamp authority's chain starts with the certificate that signs, which is no authority.
    timestampAuthorities: authorities("timestampAuthorities", 1),
  };
  if (partsOf(trusted).length === 0) refuse("it has no log and no authority");
  return { ...trusted, sha256: hash("sha256", json, "hex") };
}

/** Gives what `read` reads, any number of times, and reads it once. */
type Getter = <T>(read: () => T) => () => T;

const atOnce: Getter = (read) => {
  const value = read();
  return () => value;
};

const whenAsked: Getter = <T>(read: () => T) => {
  let value: T | undefined;
  return () => (value ??= read());
};

function refuse(problem: string, cause?: unknown): never {
  throw new TrustError("trusted-root-invalid", `Cannot use the trusted root: ${problem}`, { cause });
}

function parse(json: string | Uint8Array): JsonValue {
  try {
    return typeof json === "string" ? parseJson(json) : parseJsonBytes(json);
  } catch (error) {
    return refuse(`it is no JSON: ${messageOf(error)}`, error);
  }
}

function readLog(entry: JsonReader, getter: Getter): TransparencyLog {
  const hash = entry.optional("hashAlgorithm")?.text() ?? "SHA2_256";
  if (hash !== "SHA2_256") entry.fail(`has the hash algorithm "${hash}", Merkle trees of Sigstore have SHA2_256`);
  const publicKey = entry.member("publicKey");
  const logId = entry.member("logId").member("keyId").bytes();
  const checkpointKeyId = entry.optional("checkpointKeyId")?.member("keyId").bytes() ?? logId;
  const key = getter(() => readKey(publicKey));
  return {
    name: nameOf(entry.member("baseUrl")),
    logId,
    checkpointKeyId,
    get key() {
      return key();
    },
    validFor: readWindow(publicKey.member("validFor")),
  };
}

function nameOf(baseUrl: JsonReader): string {
  const url = URL.parse(baseUrl.text()) ?? baseUrl.fail("is no URL");
  return url.host + url.pathname.replace(/\/+$/, "");
}

function readKey(publicKey: JsonReader): VerificationKey {
  // Keys named PKCS1_RSA_… are bare RSA keys (RFC 8017); all others are SubjectPublicKeyInfo.
  const type = publicKey.member("keyDetails").text().startsWith("PKCS1_RSA") ? "pkcs1" : "spki";
  const rawBytes = publicKey.member("rawBytes");
  try {
    return importKey(rawBytes.bytes(), type);
  } catch (error) {
    if (error instanceof TrustError) throw error;
    return rawBytes.fail(`is no public key that tspip knows: ${messageOf(error)}`);
  }
}

/** An entry that does not say from when it is valid is malformed; to read it as "from ever" would widen the trust. */
function readWindow(window: JsonReader): ValidityWindow {
  const start = window.member("start").time();
  const end = window.optional("end")?.time();
  if (end !== undefined && end < start) window.fail("ends before it starts");
  return { start, ...(end !== undefined && { end }) };
}

function readAuthority(entry: JsonReader, getter: Getter, check: (chain: Chain) => void): CertificateAuthority {
  const chain = getter(() => {
    const certificates = entry.member("certChain").member("certificates").elements(maxChain).map(readCertificate);
    const [lowest, ...above] = certificates;
    if (lowest === undefined) return entry.fail("has no certificate");
    const read: Chain = [lowest, ...above];
    check(read);
    return read;
  });
  return {
    name: entry.optional("uri")?.text() ?? entry.optional("subject")?.optional("commonName")?.text() ?? "unnamed",
    get chain() {
      return chain();
    },
    validFor: readWindow(entry.member("validFor")),
  };
}

function readCertificate(entry: JsonReader): Certificate {
  const der = entry.member("rawBytes").bytes();
  try {
    return parseCertificate(der);
  } catch (error) {
    return entry.fail(`is no certificate that tspip can read: ${messageOf(error)}`);
  }
}

/**
 * RFC 5280, section 6.1, as far as it does not depend on the time: issuers, authority, path length, key usage.
 * @param firstAuthority the place in the chain of the first certificate that may issue others
 */
function checkLinks(chain: Chain, firstAuthority: number, entry: JsonReader): void {
  if (chain.length <= firstAuthority) entry.fail("has no certificate above the one that signs timestamps");
  for (const [at, certificate] of chain.entries()) {
    const issuer = chain[at + 1];
    if (issuer !== undefined && !isIssuedBy(certificate, issuer)) {
      entry.fail(`has a chain whose certificate ${at} is not issued by the next one`);
    }
    const unknown = unknownCriticalExtension(certificate);
    if (unknown !== undefined)
      entry.fail(`has a chain whose certificate ${at} has the unknown critical extension ${unknown}`);
    if (at < firstAuthority) continue;
    const pathLength = pathLengthOf(certificate);
    if (pathLength === undefined) entry.fail(`has a chain whose certificate ${at} is not that of an authority`);
    else if (at - firstAuthority > pathLength) entry.fail(`has a longer chain than its certificate ${at} allows`);
  }
}

/** How many authorities may stand below; `undefined` when `certificate` is not that of an authority. */
function pathLengthOf(certificate: Certificate): number | undefined {
  try {
    const { isAuthority, pathLength = Number.POSITIVE_INFINITY } = basicConstraints(certificate);
    return isAuthority && hasKeyUsage(certificate, "keyCertSign") ? pathLength : undefined;
  } catch {
    return undefined;
  }
}
