import { type AttestRequest, attest, type SigningServices } from "./signing-authority/attest.ts";
import type { AttestationObject, ProvenanceObject } from "./signing-authority/attestation.ts";
import { createCertificateAuthority } from "./signing-authority/certificate-authority.ts";
import { createCertificateLog } from "./signing-authority/certificate-transparency.ts";
import { bent, type Flaw } from "./signing-authority/flaw.ts";
import { type FlawName, flaws } from "./signing-authority/flaws.ts";
import { createRekorV1 } from "./signing-authority/rekor-v1.ts";
import { createRekorV2 } from "./signing-authority/rekor-v2.ts";
import { createTimestampAuthority } from "./signing-authority/timestamp-authority.ts";
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
  /** A PEP 740 provenance object. */
  provenance(bundles: readonly PublishedBundle[], options?: { readonly flaw?: FlawName | undefined }): ProvenanceObject;
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
