import type { AttestationBundle, ProvenanceObject } from "../attestation.ts";
import type { Flaw } from "../flaw.ts";

/** A provenance object that does not fit its attestations, or has none. */
export const provenanceFlaws = {
  "publisher-mismatch": {
    because: "the publisher object, which is unsigned, names another repository than the certificate",
    finding: "publisher-mismatch",
    provenance: (provenance) =>
      withBundles(provenance, ({ publisher }) => ({
        publisher: { ...publisher, repository: "mallory/sampleproject" },
      })),
  },
  "empty-bundles": {
    because: "the provenance object holds no bundle: nothing verified is no attestation",
    finding: "attestation-absent",
    provenance: (provenance) => ({ ...provenance, attestation_bundles: [] }),
  },
  "empty-attestations": {
    because: "the bundle holds no attestation: nothing verified is no attestation",
    finding: "attestation-absent",
    provenance: (provenance) => withBundles(provenance, () => ({ attestations: [] })),
  },
  "provenance-version": {
    because: "the provenance object is of version 2, which PEP 740 does not define",
    finding: "attestation-unreadable",
    provenance: (provenance) => ({ ...provenance, version: 2 }),
  },
} as const satisfies Record<string, Flaw>;

function withBundles(
  provenance: ProvenanceObject,
  change: (bundle: AttestationBundle) => Partial<AttestationBundle>,
): ProvenanceObject {
  const bundles = provenance.attestation_bundles.map((bundle) => ({ ...bundle, ...change(bundle) }));
  return { ...provenance, attestation_bundles: bundles };
}
