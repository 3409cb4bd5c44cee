import { readText, type TestCase } from "./case.ts";
import { type FlawName, flaws } from "./signing-authority/flaws.ts";
import { publishPredicate, slsaPredicate } from "./signing-authority/statement.ts";
import type { LogVersion } from "./signing-authority/transparency-log.ts";
import type { SigningAuthority } from "./signing-authority.ts";
import type { TestPublisher } from "./trusted-publishers.ts";

/** One bundle in a case's `bundles.json`: who signs, and an attestation for each predicate. */
export interface CaseBundle {
  readonly publisher: TestPublisher;
  readonly predicates: readonly (keyof typeof predicates)[];
  /** Where it is logged, if not in Rekor v1. */
  readonly log?: LogVersion;
}

const predicates = {
  publish: { predicateType: publishPredicate, predicate: null },
  slsa: {
    predicateType: slsaPredicate,
    predicate: {
      buildDefinition: { buildType: "https://example.test/build/v1", externalParameters: { target: "wheel" } },
      runDetails: { builder: { id: "https://example.test/builder" } },
    },
  },
} as const;

/** A case made real for one artifact. */
export interface MintedCase {
  /** JSON of the provenance object, as the index or a file beside the artifact has it. */
  readonly provenance: string;
  readonly trustedRootJson: string;
  /** TOML of the policy that judges. */
  readonly policy: string;
}

/**
 * Signs what a case of testdata/verify describes, about the caller's artifact: `bundles.json` says who signs, `flaw`
 * what is wrong with the first attestation, with the document or with the trusted root.
 */
export function mintCase(
  testCase: TestCase,
  authority: SigningAuthority,
  artifact: { readonly filename: string; readonly sha256: string },
): MintedCase {
  const flaw = flawNamed(readText(testCase, "flaw"));
  const bundles: readonly CaseBundle[] = JSON.parse(readText(testCase, "bundles.json"));
  const signed = bundles.map(({ publisher, predicates: names, log }, bundle) => ({
    publisher,
    attestations: names.map((name, position) =>
      authority.attest({
        ...artifact,
        ...predicates[name],
        publisher,
        ...(log && { log }),
        flaw: bundle === 0 && position === 0 ? flaw : undefined,
      }),
    ),
  }));
  return {
    provenance: JSON.stringify(authority.provenance(signed, { flaw })),
    trustedRootJson: flaw === undefined ? authority.trustedRootJson : authority.trustedRootWith(flaw),
    policy: readText(testCase, "policy.toml"),
  };
}

/** A case whose fault is that the wrong party signed has the flaw `none`. */
function flawNamed(name: string): FlawName | undefined {
  if (name === "none") return undefined;
  if (!Object.hasOwn(flaws, name)) throw new Error(`There is no flaw "${name}"`);
  return name as FlawName;
}
