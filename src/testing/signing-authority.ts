import { type AttestRequest, attest, type SigningServices, usualCertificate } from "./signing-authority/attest.ts";
import type { AttestationObject, ProvenanceObject } from "./signing-authority/attestation.ts";
import { createCertificateAuthority } from "./signing-authority/certificate-authority.ts";
import { createCertificateLog } from "./signing-authority/certificate-transparency.ts";
import { bent, type Flaw } from "./signing-authority/flaw.ts";
import { type FlawName, flaws } from "./signing-authority/flaws.ts";
import { createRekorV1 } from "./signing-authority/rekor-v1.ts";
import { createRekorV2 } from "./signing-authority/rekor-v2.ts";
import { dsseEntry } from "./signing-authority/statement.ts";
import { createTimestampAuthority } from "./signing-authority/timestamp-authority.ts";
import type { TransparencyEntry } from "./signing-authority/transparency-log.ts";
import { trustedRoot } from "./signing-authority/trusted-root.ts";
import { identityOf, type TestPublisher } from "./trusted-publishers.ts";

/**
 * A Sigstore instance in memory: certificate authority, certificate log, transparency logs, timestamp authority. What
 * it makes really verifies under `trustedRootJson`, and under nothing else, for its keys are new each time.
 */
export interface SigningAuthority {
  readonly trustedRootJson: string;
  /** The trusted root with one thing wrong; the same as `trustedRootJson` when the flaw is elsewhere. */
  trustedRootWith(flaw: FlawName): string;
  /** A PEP 740 attestation object. */
  attest(request: AttestRequest): AttestationObject;
  /** A certificate, DER, for a key that somebody else has (SubjectPublicKeyInfo, DER) … */
  certify(publisher: TestPublisher, publicKey: Buffer, signedAt: Date): Buffer;
  /** … and an entry of the log (Rekor v1) for what was signed with it. */
  log(signed: SignedStatement, time: Date): TransparencyEntry;
  /** A PEP 740 provenance object. */
  provenance(bundles: readonly PublishedBundle[], options?: { readonly flaw?: FlawName | undefined }): ProvenanceObject;
}

export interface SignedStatement {
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** DER. */
  readonly certificate: Buffer;
}

export interface PublishedBundle {
  readonly publisher: TestPublisher;
  readonly attestations: readonly AttestationObject[];
}

const validity = { notBefore: new Date("2021-01-01T00:00:00Z"), notAfter: new Date("2041-01-01T00:00:00Z") };

export function createSigningAuthority(): SigningAuthority {
  const certificateLog = createCertificateLog();
  const services: SigningServices = {
    certificateAuthority: createCertificateAuthority(certificateLog, validity),
    logs: { "rekor-v1": createRekorV1(), "rekor-v2": createRekorV2() },
    timestampAuthority: createTimestampAuthority(validity),
  };
  const root = trustedRoot({
    ...services,
    start: validity.notBefore,
    certificateLog,
    logs: Object.values(services.logs),
  });
  return {
    trustedRootJson: JSON.stringify(root),
    trustedRootWith: (flaw) => JSON.stringify(bent(flawNamed(flaw).trustedRoot, root)),
    attest: (request) => attest(request, services),
    certify: (publisher, publicKey, signedAt) =>
      services.certificateAuthority.issue(usualCertificate(publisher, signedAt, publicKey)),
    log: ({ payload, signature, certificate }, time) =>
      services.logs["rekor-v1"].append({
        logged: dsseEntry(payload, signature, certificate),
        time,
        promisedBy: "authority",
        checkpointBy: "authority",
      }),
    provenance,
  };
}

function provenance(
  bundles: readonly PublishedBundle[],
  { flaw }: { readonly flaw?: FlawName | undefined } = {},
): ProvenanceObject {
  const good = {
    version: 1,
    attestation_bundles: bundles.map(({ publisher, attestations }) => ({
      publisher: publisherObject(publisher),
      attestations,
    })),
  };
  return flaw === undefined ? good : bent(flawNamed(flaw).provenance, good);
}

function flawNamed(name: FlawName): Flaw {
  return flaws[name];
}

function publisherObject(publisher: TestPublisher): Readonly<Record<string, unknown>> {
  const { publisherObject } = identityOf(publisher);
  if (publisherObject === undefined) throw new TypeError(`The index knows no publisher of kind "${publisher.kind}"`);
  return publisherObject;
}
