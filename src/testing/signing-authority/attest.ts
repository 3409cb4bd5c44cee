import { digestOf } from "../../distribution/digest.ts";
import { identityOf, type TestPublisher } from "../trusted-publishers.ts";
import type { AttestationObject } from "./attestation.ts";
import type { CertificateAuthority, CertificateRequest } from "./certificate-authority.ts";
import { bent, type Flaw } from "./flaw.ts";
import { type FlawName, flaws } from "./flaws.ts";
import { generateKey, publicKeyDer, signBytes } from "./keys.ts";
import { type DsseEntry, dsseEntry, preAuthenticationEncoding, publishPredicate, type Statement } from "./statement.ts";
import type { TimestampAuthority, TimestampRequest } from "./timestamp-authority.ts";
import type { LogVersion, NewEntry, TransparencyLog } from "./transparency-log.ts";

/** The parties that take part in an attestation. */
export interface SigningServices {
  readonly certificateAuthority: CertificateAuthority;
  readonly logs: Readonly<Record<LogVersion, TransparencyLog>>;
  readonly timestampAuthority: TimestampAuthority;
}

export interface AttestRequest {
  /** The subject: the artifact's file name … */
  readonly filename: string;
  /** … and its SHA-256 as hex, or its bytes. */
  readonly sha256?: string;
  readonly bytes?: Uint8Array;
  readonly publisher: TestPublisher;
  /** PyPI's publish/v1 when left out. */
  readonly predicateType?: string;
  readonly predicate?: unknown;
  /** When it was signed; by default a fixed day in the past, on which everything was valid. */
  readonly signedAt?: Date;
  /** Rekor v1 when left out, unless the flaw is in what only v2 has. */
  readonly log?: LogVersion;
  readonly flaw?: FlawName | undefined;
}

const usualSigningTime = new Date("2025-06-01T12:00:00Z");

/** Gets a certificate, signs a statement, has it logged and stamped: what a publisher does, with the flaw asked for. */
export function attest(request: AttestRequest, services: SigningServices): AttestationObject {
  if (request.flaw === undefined) return attestAndLog(request, services).attestation;
  const flaw: Flaw = flaws[request.flaw];
  const another = attestAndLog(anotherRequest(request), services, flaw.log && { log: flaw.log });
  const { attestation } = attestAndLog(request, services, flaw, another.logged);
  return bent(flaw.attestation, attestation, another.attestation);
}

function attestAndLog(
  request: AttestRequest,
  services: SigningServices,
  flaw: Partial<Flaw> = {},
  another?: DsseEntry,
): { readonly attestation: AttestationObject; readonly logged: DsseEntry } {
  const { signedAt = usualSigningTime, log = flaw.log ?? "rekor-v1" } = request;
  const key = generateKey("P-256");
  const certificateRequest = usualCertificate(request.publisher, signedAt, publicKeyDer(key));
  const certificate = services.certificateAuthority.issue(bent(flaw.certificate, certificateRequest));

  const statement = JSON.stringify(bent(flaw.statement, statementOf(request)));
  const payload = Buffer.from(bent(flaw.statementText, statement));
  const signature = signBytes(key, preAuthenticationEncoding(payload));

  const time = new Date(signedAt.getTime() + 3000);
  const envelope = dsseEntry(payload, signature, certificate);
  const logged = another === undefined ? envelope : bent(flaw.logged, envelope, another);
  const newEntry: NewEntry = { logged, time, promisedBy: "authority", checkpointBy: "authority" };
  const entry = services.logs[log].append(bent(flaw.entry, newEntry));
  const timestampRequest: TimestampRequest = { data: signature, time, signedBy: "authority" };
  const stamp = () => services.timestampAuthority.timestamp(bent(flaw.timestamp, timestampRequest));

  const attestation: AttestationObject = {
    version: 1,
    verification_material: {
      certificate: certificate.toString("base64"),
      transparency_entries: [entry],
      ...(log === "rekor-v2" && { timestamps: [stamp().toString("base64")] }),
    },
    envelope: { statement: payload.toString("base64"), signature: signature.toString("base64") },
  };
  return { attestation, logged };
}

/** A good attestation of the same publisher about another file, a minute later: for flaws that swap parts of two. */
function anotherRequest({ publisher, signedAt = usualSigningTime }: AttestRequest): AttestRequest {
  return {
    filename: "another-1.0-py3-none-any.whl",
    bytes: Buffer.from("another file"),
    publisher,
    signedAt: new Date(signedAt.getTime() + 60_000),
  };
}

function statementOf(request: AttestRequest): Statement {
  const sha256 = request.sha256 ?? (request.bytes && digestOf(request.bytes));
  if (sha256 === undefined) throw new TypeError(`Cannot attest "${request.filename}": neither sha256 nor bytes given`);
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: request.filename, digest: { sha256 } }],
    predicateType: request.predicateType ?? publishPredicate,
    predicate: request.predicate ?? null,
  };
}

/** As Fulcio issues them: for ten minutes, the first of which is that of the signature. */
export function usualCertificate(publisher: TestPublisher, signedAt: Date, publicKey: Buffer): CertificateRequest {
  const { subjectAlternativeName, extensions } = identityOf(publisher);
  return {
    publicKey,
    subjectAlternativeNames: [subjectAlternativeName],
    extensions,
    keyUsage: "digitalSignature",
    forCodeSigning: true,
    isAuthority: false,
    notBefore: signedAt,
    notAfter: new Date(signedAt.getTime() + 600_000),
    issuedBy: "authority",
    timestampedBy: ["authority"],
  };
}
