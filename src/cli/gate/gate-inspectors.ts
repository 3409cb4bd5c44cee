import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { ArtifactRef } from "../../distribution/artifact.ts";
import { digestOf } from "../../distribution/digest.ts";
import { TrustError, UsageError } from "../../errors.ts";
import {
  attestationSuffixes,
  indexSource,
  pathSource,
  sidecarSource,
  urlSource,
} from "../../inspect/attestation-source.ts";
import type { DocumentSource } from "../../inspect/document-source.ts";
import { type EvidenceMemory, evidenceMemory } from "../../inspect/evidence-memory.ts";
import type { GateRequest } from "../../inspect/gate-request.ts";
import type { InspectionContext, InspectionMemory } from "../../inspect/inspection-memory.ts";
import type { DistInspector } from "../../inspect/inspector.ts";
import { type AttestationInspector, attestationInspector } from "../../inspect/inspectors/attestation.ts";
import { summaryInspector } from "../../inspect/inspectors/summary.ts";
import type { Unpacking } from "../../inspect/inspectors/wheel.ts";
import { type WheelSignatureInspector, wheelSignatureInspector } from "../../inspect/inspectors/wheel-signature.ts";
import { indexSignatures, pathSignatures, sidecarSignatures, signatureSuffix } from "../../inspect/signature-source.ts";
import { wantsAttestations, wantsSignatures, wantsSummaries } from "../../inspect/wanted-evidence.ts";
import type { Keyring } from "../../keyring/keyring.ts";
import type { ArtifactStore } from "../../memory/artifact-store.ts";
import type { JsonStore } from "../../memory/json-store.ts";
import type { IndexClient } from "../../package-index/client.ts";
import type { Transport } from "../../package-index/transport.ts";
import type { AttestationPlace } from "../../policy/policy.ts";
import type { GateOptions } from "../command-line/options.ts";
import type { Host } from "../host.ts";
import { once } from "../once.ts";
import { summaryFiles } from "../report/summary-files.ts";
import { type PolicyInForce, shownPath } from "../settings/policy-in-force.ts";
import { projectSettings } from "../settings/project-settings.ts";
import { besidePolicy, readTrustedRoot, trustedRootInForce } from "../settings/trusted-root.ts";
import type { Talk } from "../terminal.ts";
import { version } from "../version.ts";
import type { OutsideInspectors } from "./outside-inspectors.ts";

/** The inspectors of one command, with the places that each looks at. */

/** What the gate of one command is composed of. */
export interface GateParts {
  readonly client: IndexClient;
  /** For what is no index's: a keyring. */
  readonly transport: Transport;
  readonly policy: PolicyInForce;
  readonly options: Pick<
    GateOptions,
    "attestations" | "summaries" | "trustedRoot" | "keyring" | "explain" | "secondOpinion"
  >;
  readonly talk: Talk;
  readonly host: Host;
  /** A private folder that the caller removes; the gate makes one of its own when left out. */
  readonly directory?: string;
  /** Given when wheels are to be unpacked while they are inspected. */
  readonly unpacking?: Unpacking | undefined;
  /** Where artifacts are kept that are admitted. */
  readonly store?: ArtifactStore | undefined;
  readonly memory?: JsonStore | undefined;
  /** What inspectors saw before, for whoever judges for many. */
  readonly inspections?: ((context: InspectionContext) => InspectionMemory) | undefined;
  /** See GateRun. */
  readonly everySigner?: boolean | undefined;
  /** See GateRun. */
  readonly keepDocuments?: boolean | undefined;
}

/** Attestations, from the places that the user and the policy name. */
export async function attestationsInspectorFor(
  requestOf: (ref: ArtifactRef) => GateRequest | undefined,
  parts: GateParts,
): Promise<AttestationInspector> {
  const { client, policy, options, host } = parts;
  const root = once(() => trustedRootInForce(options.trustedRoot, policy, host));
  const rootText = async () => (await root()).text;
  return attestationInspector({
    sources: await documentSources(options.attestations ?? [], policy, host, {
      index: indexSource(client),
      sidecar: sidecarSource(),
      path: pathSource,
      url: (template) => urlSource(template, client),
    }),
    trustedRoot: async () => readTrustedRoot(await root()),
    now: host.now(),
    keepDocuments: parts.keepDocuments === true,
    explain: options.explain === true,
    secondOpinion: secondOpinionFor(options, rootText),
    memory: evidenceMemoryFor(parts, rootText),
    isWanted: (ref) =>
      parts.everySigner === true || wantsAttestations(policy.policy, requestOf(ref) ?? { ref, relation: "direct" }),
  });
}

/** Loaded once something verifies. */
function secondOpinionFor({ secondOpinion }: GateParts["options"], rootText: () => Promise<string>) {
  if (secondOpinion !== true) return undefined;
  return once(async () => (await import("../../inspect/second-opinion.ts")).createSecondOpinion(await rootText()));
}

/** What evidence that is remembered depends on. */
export function inspectionContext({ options, policy, host }: GateParts): InspectionContext {
  const root = async () => (await trustedRootInForce(options.trustedRoot, policy, host)).text;
  return { policy: policy.policy, verifier: version, trustedRoot: once(() => rootDigest(root)) };
}

/**
 * What the index has is remembered, where nobody else is asked: what lies in folders or on other servers may change from
 * run to run, and what was found under one policy's places says nothing of another's.
 */
function evidenceMemoryFor(
  { memory, policy, options }: GateParts,
  rootText: () => Promise<string>,
): EvidenceMemory | undefined {
  const places = policy.policy.trust.attestations.map(({ kind }) => kind);
  if (memory === undefined || (options.attestations ?? []).length > 0) return undefined;
  if (!places.includes("index") || places.some((place) => place !== "index" && place !== "sidecar")) return undefined;
  return evidenceMemory(
    memory,
    version,
    once(() => rootDigest(rootText)),
  );
}

/** Nothing where there is no trusted root to be had: what needs one says so. */
async function rootDigest(rootText: () => Promise<string>): Promise<string | undefined> {
  try {
    return digestOf(Buffer.from(await rootText()));
  } catch (error) {
    if (error instanceof TrustError) return undefined;
    throw error;
  }
}

/** Signatures by keys. @param keyring see `keyringFor` */
export async function signatureInspectorFor(
  requestOf: (ref: ArtifactRef) => GateRequest | undefined,
  { client, policy, options, host }: GateParts,
  keyring: (() => Promise<Keyring>) | undefined,
): Promise<WheelSignatureInspector> {
  const { keys } = policy.policy;
  return wheelSignatureInspector({
    sources: await documentSources(options.attestations ?? [], policy, host, {
      index: indexSignatures(client),
      sidecar: sidecarSignatures(),
      path: pathSignatures,
    }),
    policyKeys: keys.flatMap(({ key }) => (key.kind === "public-key" ? [key.id] : [])),
    keyring,
    now: host.now(),
    isWanted: (ref) => wantsSignatures(policy.policy, requestOf(ref) ?? { ref, relation: "direct" }),
  });
}

/**
 * The keyring in force, absent where none is named. Loaded once there is a signature to judge: what reads keyrings takes its
 * time to load.
 */
export function keyringFor({ transport, policy, options, host }: GateParts): (() => Promise<Keyring>) | undefined {
  if (options.keyring === undefined && policy.policy.trust.keyring === undefined) return undefined;
  return once(async () => {
    const { loadKeyring, namedKeyring } = await import("../settings/keyring-in-force.ts");
    return loadKeyring(await namedKeyring(options.keyring, policy, host), transport, host);
  });
}

/** Verification summaries. @param keyring see `keyringFor` */
export function summaryInspectorFor(
  requestOf: (ref: ArtifactRef) => GateRequest | undefined,
  { policy, options, host }: GateParts,
  keyring: (() => Promise<Keyring>) | undefined,
): DistInspector {
  const root = once(() => trustedRootInForce(options.trustedRoot, policy, host));
  const trust = {
    trustedRoot: once(async () => readTrustedRoot(await root())),
    keyring,
    secondOpinion: secondOpinionFor(options, async () => (await root()).text),
  };
  return summaryInspector({
    files: summaryFiles(options.summaries ?? [], policy, trust, host),
    isWanted: (ref) => wantsSummaries(policy.policy, requestOf(ref) ?? { ref, relation: "direct" }),
  });
}

/** How one kind of document is looked for in each kind of place. */
interface DocumentSources {
  readonly index: DocumentSource;
  readonly sidecar: DocumentSource;
  path(path: string, shownAs: (path: string) => string): Promise<DocumentSource>;
  /** Absent where servers do not keep such documents by digest. */
  url?(template: string): DocumentSource;
}

/** `--attestations` first, then the places that the policy names; all are asked. */
async function documentSources(
  given: readonly string[],
  policy: PolicyInForce,
  host: Host,
  sources: DocumentSources,
): Promise<DocumentSource[]> {
  const shownAs = (path: string) => shownPath(path, policy);
  const fromPolicy = (place: AttestationPlace): readonly (DocumentSource | Promise<DocumentSource>)[] => {
    switch (place.kind) {
      case "index":
      case "sidecar":
        return [sources[place.kind]];
      case "directory":
        return [sources.path(besidePolicy(place.path, policy, host), shownAs)];
      case "url":
        return sources.url === undefined ? [] : [sources.url(place.template)];
    }
  };
  return Promise.all([
    ...given.map((path) => sources.path(resolve(host.cwd, path), shownAs)),
    ...policy.policy.trust.attestations.flatMap(fromPolicy),
  ]);
}

/** What nobody enables is not even loaded. */
export async function outsideInspectorsFor(
  directory: () => string,
  talk: Talk,
  host: Host,
): Promise<OutsideInspectors | undefined> {
  const { plugins } = await projectSettings(host);
  if (plugins.inspectors.length === 0) return undefined;
  return (await import("./outside-inspectors.ts")).openOutsideInspectors(plugins, directory(), talk, host);
}

/** What a file is about stands in its name alone: one that is called otherwise would be passed over without a word. */
export async function checkDocumentName(path: string): Promise<void> {
  const suffixes = [...attestationSuffixes, signatureSuffix];
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== false || suffixes.some((suffix) => path.endsWith(suffix))) return;
  throw new UsageError("unknown-document", `Cannot tell which artifact "${path}" is about`, {
    hint: `Name it like the artifact, with one of ${suffixes.join(", ")} at the end`,
  });
}
