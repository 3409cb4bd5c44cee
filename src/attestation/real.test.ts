import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { digestOf } from "../distribution/digest.ts";
import { parseFilename } from "../distribution/filename.ts";
import { embeddedTrustedRoot } from "../trust/embedded-trusted-root.ts";
import { parseTrustedRoot, type TrustedRoot } from "../trust/trusted-root.ts";
import { parseAttestationDocument } from "./provenance.ts";
import { checkPublisherClaim } from "./publisher-claim.ts";
import type { AttestedFile } from "./statement.ts";
import { type VerifiedAttestation, verifyAttestation } from "./verify.ts";

const shared = new URL("../../../shared/", import.meta.url);
const skip = existsSync(shared) ? false : "needs the vectors in ../shared";

interface RealAttestation {
  readonly file: string;
  readonly attestation: string;
  readonly provenance: string | null;
  readonly statement_sha256: string;
  readonly predicate_type: string;
  readonly certificate_extensions: Readonly<Record<string, string>>;
  readonly san: readonly string[];
  readonly root: "production" | "staging";
}

/** How `index.json` and we call the same extensions. */
const claimNames = {
  issuer_v2: "issuer",
  build_signer_uri: "buildSignerUri",
  runner_environment: "runnerEnvironment",
  source_repository_uri: "sourceRepositoryUri",
  source_repository_digest: "sourceRepositoryDigest",
  source_repository_ref: "sourceRepositoryRef",
  source_repository_identifier: "sourceRepositoryId",
  source_repository_owner_identifier: "sourceRepositoryOwnerId",
  build_config_uri: "buildConfigUri",
  build_trigger: "buildTrigger",
  run_invocation_uri: "runInvocationUri",
} as const;

test("verifyAttestation() accepts the real attestations, and says who signed", { skip }, async (t) => {
  const roots = {
    production: parseTrustedRoot(embeddedTrustedRoot),
    staging: parseTrustedRoot(read("real/trusted_root.staging.json")),
  };
  for (const real of readIndex<RealAttestation[]>("real/index.json")) {
    await t.test(real.attestation, () => {
      const other = real.root === "production" ? roots.staging : roots.production;
      assert.throws(() => verifyReal(real, other), { check: "log-entry" }, "an instance's attestations need its root");

      const { signer, predicateType } = verifyReal(real, roots[real.root]);
      assert.equal(predicateType, real.predicate_type);
      assert.equal(signer.claims.san.value, real.san[0]?.split(":").slice(1).join(":"));
      for (const [name, ours] of Object.entries(claimNames)) {
        const theirs = real.certificate_extensions[name];
        if (theirs !== undefined) assert.equal(signer.claims[ours], theirs);
      }
      for (const claim of publisherClaims(real)) checkPublisherClaim(claim, signer);
    });
  }
});

function verifyReal(real: RealAttestation, root: TrustedRoot): VerifiedAttestation {
  const artifact = digestOf(read(`real/${real.attestation.replace(/[^/]+$/, real.file)}`));
  assert.equal(artifact, real.statement_sha256);
  const [attestation] = parseAttestationDocument(read(`real/${real.attestation}`), real.attestation).bundles;
  return verifyFirst(attestation, { filename: parseFilename(real.file), sha256: artifact }, root);
}

function publisherClaims({ provenance }: RealAttestation) {
  if (provenance === null) return [];
  const { format, bundles } = parseAttestationDocument(read(`real/${provenance}`), provenance);
  assert.equal(format, "provenance");
  return bundles.flatMap(({ publisher }) => publisher ?? []);
}

test("minted attestations get the answer that index.json gives", { skip }, async (t) => {
  const root = parseTrustedRoot(read("minted/trusted_root.json"));
  const wheel = "sampleproject-4.0.0-py3-none-any.whl";
  const file = { filename: parseFilename(wheel), sha256: digestOf(read(`minted/${wheel}`)) };
  const index = readIndex<Record<string, { what: string; expect: "accept" | "refuse" }>>("minted/index.json");
  for (const [name, { what, expect }] of Object.entries(index)) {
    await t.test(`${name}: ${what}`, () => {
      const { bundles } = parseAttestationDocument(read(`minted/${name}/${wheel}.provenance`), name);
      const verifyAll = () => {
        for (const bundle of bundles) {
          const { signer } = verifyFirst(bundle, file, root);
          if (bundle.publisher) checkPublisherClaim(bundle.publisher, signer);
        }
      };
      if (name === "empty-bundles") assert.deepEqual(bundles, [], "nothing to verify is for the caller to refuse");
      else if (expect === "accept") assert.doesNotThrow(verifyAll);
      else assert.throws(verifyAll, { code: /^(?:attestation-|publisher-mismatch)/ });
    });
  }
});

function verifyFirst(
  bundle: ReturnType<typeof parseAttestationDocument>["bundles"][number] | undefined,
  file: AttestedFile,
  root: TrustedRoot,
): VerifiedAttestation {
  const attestation = bundle?.attestations[0];
  assert.ok(attestation !== undefined);
  return verifyAttestation(attestation, file, root);
}

function readIndex<Index>(path: string): Index {
  return JSON.parse(read(path).toString());
}

function read(path: string): Buffer {
  return readFileSync(new URL(path, shared));
}
