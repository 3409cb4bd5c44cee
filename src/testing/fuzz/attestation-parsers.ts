import type { InclusionProof } from "../../attestation/bundle.ts";
import { readSigner } from "../../attestation/certificate-claims.ts";
import { verifyCheckpoint } from "../../attestation/checkpoint.ts";
import { readLoggedSignature } from "../../attestation/log-entry-body.ts";
import { parseAttestationDocument } from "../../attestation/provenance.ts";
import { verifyCertificateTimestamp } from "../../attestation/sct.ts";
import { readBuildProvenance } from "../../attestation/slsa-provenance.ts";
import { readStatement } from "../../attestation/statement.ts";
import { readTimestamp } from "../../attestation/timestamp-response.ts";
import { checkDer } from "../../encoding/der.ts";
import { parseJsonBytes } from "../../encoding/json.ts";
import { parseSummaries } from "../../summary/envelope.ts";
import { readSummary } from "../../summary/summary-statement.ts";
import { parseCertificate } from "../../trust/certificate.ts";
import { embeddedTrustedRoot } from "../../trust/embedded-trusted-root.ts";
import { parseTrustedRoot } from "../../trust/trusted-root.ts";
import { isSignedBy } from "../../trust/verification-key.ts";
import { makeWheel } from "../make-wheel.ts";
import { sigstoreBundle } from "../signing-authority/attestation.ts";
import { createSigningAuthority } from "../signing-authority.ts";
import { anyError, type FuzzedParser, text } from "./fuzzed-parser.ts";

const authority = createSigningAuthority();
const root = parseTrustedRoot(authority.trustedRootJson);
const publisher = { kind: "github", repository: "acme/demo", workflow: "release.yml" } as const;
const wheel = makeWheel({ name: "demo" });
const attestations = (["rekor-v1", "rekor-v2"] as const).map((log) => authority.attest({ ...wheel, publisher, log }));
const material = attestations.map((attestation) => attestation.verification_material);
const certificates = material.map(({ certificate }) => Buffer.from(certificate, "base64"));
const timestamps = material
  .flatMap(({ timestamps: stamps = [] }) => stamps)
  .map((stamp) => Buffer.from(stamp, "base64"));
const entries = material.flatMap(({ transparency_entries }) => transparency_entries);
const [authorityCertificate = parseCertificate(certificates[0] ?? Buffer.of())] = root.certificateAuthorities.flatMap(
  ({ chain }) => chain,
);

/** What stands in an attestation, from the document down to the bytes, and what stands behind it. */
export const attestationParsers: Readonly<Record<string, FuzzedParser>> = {
  json: {
    seeds: [text('{"a":[1,-2.5e3,"\\u00e9\\n",true,null,{}]}'), text("[[[]],{}]")],
    parse: parseJsonBytes,
    refuses: anyError,
  },
  der: { seeds: [...certificates, ...timestamps], parse: (bytes) => checkDer(bytes), refuses: anyError },
  certificate: { seeds: certificates, parse: parseCertificate, refuses: anyError },
  "certificate-claims": {
    seeds: certificates,
    parse: (bytes) => readSigner(parseCertificate(bytes)),
    refuses: anyError,
  },
  "certificate-timestamp": {
    seeds: certificates,
    parse: (bytes) => verifyCertificateTimestamp(parseCertificate(bytes), authorityCertificate, root, { isSignedBy }),
    refuses: anyError,
  },
  timestamp: { seeds: timestamps, parse: readTimestamp, refuses: anyError },
  attestation: {
    seeds: [...attestations, authority.provenance([{ publisher, attestations }])].map((value) =>
      text(JSON.stringify(value)),
    ),
    parse: (bytes) => parseAttestationDocument(bytes, "document"),
  },
  bundle: {
    seeds: bundleSeeds(),
    parse: (bytes) => parseAttestationDocument(bytes, "document"),
  },
  checkpoint: {
    seeds: entries.map(({ inclusionProof }) => text(inclusionProof?.checkpoint?.envelope ?? "")),
    parse: checkCheckpoint,
  },
  "log-entry-body": {
    seeds: entries.map(({ canonicalizedBody }) => Buffer.from(canonicalizedBody, "base64")),
    parse: readBody,
  },
  statement: {
    seeds: attestations.map(({ envelope }) => Buffer.from(envelope.statement, "base64")),
    parse: readStatement,
  },
  "build-provenance": {
    seeds: [
      text(
        '{"buildDefinition":{"buildType":"https://example.org/v1","externalParameters":{"workflow":{"ref":"refs/heads/main"}}},"runDetails":{"builder":{"id":"https://example.org/builder"}}}',
      ),
    ],
    parse: (bytes) => readBuildProvenance(parseJsonBytes(bytes)),
    refuses: anyError,
  },
  "trusted-root": { seeds: [text(embeddedTrustedRoot)], parse: parseTrustedRoot },
  summaries: {
    seeds: [
      text(
        '{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"keyid":"k","sig":"AAAA"}]}\n',
      ),
      ...attestations.map((value) => text(`${JSON.stringify(value)}\n`)),
    ],
    parse: (bytes) => parseSummaries(bytes, "summaries"),
  },
  "summary-statement": {
    seeds: [
      text(
        '{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"ab"}}],"predicateType":"https://slsa.dev/verification_summary/v1","predicate":{"verifier":{"id":"a:b"},"timeVerified":"2026-01-01T00:00:00Z","verificationResult":"PASSED"}}',
      ),
    ],
    parse: readSummary,
  },
};

/** Sigstore bundles in each form, and lines of them. */
function bundleSeeds(): Buffer[] {
  const lines = attestations.map((attestation) => JSON.stringify(sigstoreBundle(attestation)));
  const chain = lines.map((line) =>
    line
      .replace(".v0.3+json", "+json;version=0.1")
      .replace(/"certificate":(\{"rawBytes":"[^"]*"\})/, '"x509CertificateChain":{"certificates":[$1]}'),
  );
  const message = lines.map((line) =>
    line.replace(
      /"dsseEnvelope":.*$/,
      '"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"AAAA"},"signature":"AAAA"}}',
    ),
  );
  return [...lines, ...chain, ...message, lines.join("\n")].map(text);
}

/** The proof is what the text says, so that its signature is reached. */
function checkCheckpoint(bytes: Buffer): void {
  const checkpoint = bytes.toString();
  const [, size = "", rootHash = ""] = checkpoint.split("\n");
  const proof: InclusionProof = {
    logIndex: 0n,
    treeSize: BigInt(/^\d{1,18}$/.test(size) ? size : 0),
    rootHash: Buffer.from(rootHash, "base64"),
    hashes: [],
  };
  for (const log of root.transparencyLogs) {
    if (checkpoint.startsWith(log.name)) verifyCheckpoint(checkpoint, proof, log, { isSignedBy });
  }
  const [log] = root.transparencyLogs;
  if (log !== undefined) verifyCheckpoint(checkpoint, proof, log, { isSignedBy });
}

/** Which reader is asked stands beside the body; here it is what the body says of itself. */
function readBody(bytes: Buffer): unknown {
  const body = bytes.toString("latin1");
  const [, kind = ""] = /"kind":"(\w+)"/.exec(body) ?? [];
  const [, version = ""] = /"apiVersion":"([\w.]+)"/.exec(body) ?? [];
  return readLoggedSignature({ logIndex: 0n, logId: Buffer.of(0), kind, version, canonicalizedBody: bytes });
}
