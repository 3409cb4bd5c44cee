import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Bundle, inTotoPayloadType } from "../attestation/bundle.ts";
import { parseAttestationDocument } from "../attestation/provenance.ts";
import type { ArtifactContent } from "../attestation/signature.ts";
import { readStatement } from "../attestation/statement.ts";
import { type VerifiedBundle, verifyBundle } from "../attestation/verify.ts";
import { digestOf } from "../distribution/digest.ts";
import { messageOf } from "../errors.ts";
import { embeddedTrustedRoot } from "../trust/embedded-trusted-root.ts";
import { parseTrustedRoot } from "../trust/trusted-root.ts";
import { importKey } from "../trust/verification-key.ts";

/**
 * Speaks the client protocol of sigstore-conformance (docs/cli_protocol.md), for its test suite:
 *
 *     verify-bundle --bundle FILE (--certificate-identity SAN --certificate-oidc-issuer URL | --key FILE)
 *                   [--trusted-root FILE] (ARTIFACT | sha256:HEX)
 *
 * The verdict is the exit status.
 */
export interface ConformanceRequest {
  readonly bundle: Uint8Array;
  readonly trustedRoot: string | Uint8Array;
  readonly artifact: ArtifactContent;
  readonly expected:
    | { readonly kind: "identity"; readonly san: string; readonly issuer: string }
    | { readonly kind: "key"; readonly pem: string };
}

/** @throws Error with the reason when the bundle does not verify, or is by somebody else or about something else */
export async function verifyForConformance({
  bundle: bytes,
  trustedRoot,
  artifact,
  expected,
}: ConformanceRequest): Promise<void> {
  const bundle = readSingleBundle(bytes);
  const root = parseTrustedRoot(trustedRoot);
  const key = expected.kind === "key" ? importKey(spkiOf(expected.pem)) : undefined;
  const verified = verifyBundle(bundle, root, { artifact, key });
  checkSigner(verified, expected);
  checkSubjects(bundle, artifact);
}

function readSingleBundle(bytes: Uint8Array): Bundle {
  const { format, bundles } = parseAttestationDocument(bytes, "bundle");
  const [bundle] = bundles.flatMap(({ attestations }) => attestations);
  if (format !== "sigstore-bundle" || bundle === undefined)
    throw new Error(`Document is no Sigstore bundle but ${format}`);
  return bundle;
}

function spkiOf(pem: string): Buffer {
  return createPublicKey(pem).export({ format: "der", type: "spki" });
}

function checkSigner({ signedBy }: VerifiedBundle, expected: ConformanceRequest["expected"]): void {
  if (expected.kind === "key") return;
  if (signedBy.kind !== "certificate") throw new Error("Bundle is not signed with a certificate");
  const { san, issuer } = signedBy.signer.claims;
  if (san.value !== expected.san) throw new Error(`Bundle is signed by "${san.value}", not "${expected.san}"`);
  if (issuer !== expected.issuer) throw new Error(`Identity is of "${issuer}", not of "${expected.issuer}"`);
}

function checkSubjects({ content }: Bundle, artifact: ArtifactContent): void {
  if (content.kind !== "dsse") return;
  if (content.payloadType !== inTotoPayloadType) throw new Error(`Payload is of the type "${content.payloadType}"`);
  const sha256 = "bytes" in artifact ? digestOf(artifact.bytes) : artifact.sha256.toString("hex");
  const { subjects } = readStatement(content.payload);
  if (!subjects.some(({ digests }) => digests.get("sha256") === sha256))
    throw new Error("Statement is about other artifacts");
}

function requestOf(argv: readonly string[]): ConformanceRequest {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      bundle: { type: "string" },
      "certificate-identity": { type: "string" },
      "certificate-oidc-issuer": { type: "string" },
      key: { type: "string" },
      "trusted-root": { type: "string" },
    },
  });
  const [command, artifact = ""] = positionals;
  if (command !== "verify-bundle" || values.bundle === undefined)
    throw new Error("Usage: verify-bundle --bundle FILE … ARTIFACT");
  const digest = /^sha256:([0-9a-f]{64})$/.exec(artifact)?.[1];
  return {
    bundle: readFileSync(values.bundle),
    trustedRoot: values["trusted-root"] === undefined ? embeddedTrustedRoot : readFileSync(values["trusted-root"]),
    artifact: digest === undefined ? { bytes: readFileSync(artifact) } : { sha256: Buffer.from(digest, "hex") },
    expected:
      values.key === undefined
        ? {
            kind: "identity",
            san: values["certificate-identity"] ?? "",
            issuer: values["certificate-oidc-issuer"] ?? "",
          }
        : { kind: "key", pem: readFileSync(values.key, "utf8") },
  };
}

if (import.meta.main) {
  try {
    await verifyForConformance(requestOf(process.argv.slice(2)));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
