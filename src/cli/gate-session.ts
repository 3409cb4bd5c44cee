import { rmSync } from "node:fs";
import { mkdtemp, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { ArtifactRef } from "../distribution/artifact.ts";
import { digestOf } from "../distribution/digest.ts";
import { EnvironmentError, messageOf, UsageError } from "../errors.ts";
import {
  attestationSuffixes,
  indexSource,
  pathSource,
  sidecarSource,
  urlSource,
} from "../inspect/attestation-source.ts";
import type { DocumentSource } from "../inspect/document-source.ts";
import { type EvidenceMemory, evidenceMemory } from "../inspect/evidence-memory.ts";
import {
  type GateRequest,
  type Judged,
  passGate,
  wantsAttestations,
  wantsSignatures,
  wantsSummaries,
} from "../inspect/gate.ts";
import { inspectBeforeDownload } from "../inspect/inspect.ts";
import type { InspectionContext, InspectionMemory } from "../inspect/inspection-memory.ts";
import type { DistInspector } from "../inspect/inspector.ts";
import { type AttestationInspector, attestationInspector } from "../inspect/inspectors/attestation.ts";
import { indexDigestInspector } from "../inspect/inspectors/index-digest.ts";
import { summaryInspector } from "../inspect/inspectors/summary.ts";
import { userHashInspector } from "../inspect/inspectors/user-hash.ts";
import { type Unpacking, type WheelInspector, wheelInspector } from "../inspect/inspectors/wheel.ts";
import { type WheelSignatureInspector, wheelSignatureInspector } from "../inspect/inspectors/wheel-signature.ts";
import { indexSignatures, pathSignatures, sidecarSignatures, signatureSuffix } from "../inspect/signature-source.ts";
import type { ArtifactStore } from "../memory/artifact-store.ts";
import type { JsonStore } from "../memory/json-store.ts";
import type { Arriving } from "../package-index/arriving.ts";
import type { IndexClient } from "../package-index/client.ts";
import type { Transport } from "../package-index/transport.ts";
import type { AttestationPlace } from "../policy/policy.ts";
import { parseTrustedRoot } from "../trust/trusted-root.ts";
import type { GateOptions } from "./command-line/options.ts";
import type { Host } from "./host.ts";
import { once } from "./once.ts";
import type { OutsideInspectors } from "./outside-inspectors.ts";
import type { PolicyInForce } from "./policy-in-force.ts";
import { projectSettings } from "./project-settings.ts";
import { summaryFiles } from "./summary-files.ts";
import type { Talk } from "./terminal.ts";
import { besidePolicy, trustedRootInForce } from "./trusted-root.ts";
import { version } from "./version.ts";

/**
 * The gate of one command. Disposing closes the files of all that it judged and removes the private folder they lie in.
 */
export interface GateSession extends AsyncDisposable {
  /** Results in order. What was judged before is not judged again. */
  judge(requests: readonly GateRequest[]): Promise<readonly Judged[]>;
  /** Whether an inspector from others refuses a file by what is known of it before the download. */
  isRefusedUnseen(ref: ArtifactRef): Promise<boolean>;
  /** The bytes of a file that is being judged, as far as they are here; nothing for one that needs no download. */
  arriving(ref: ArtifactRef): Arriving | undefined;
  /** See WheelInspector. */
  readonly unpacked: WheelInspector["unpacked"];
  /** See WheelInspector. */
  readonly keepTrees: WheelInspector["keep"];
  /** See AttestationInspector. */
  readonly vouching: AttestationInspector["vouching"];
  /** A private folder, for whoever needs bytes besides. */
  readonly directory: string;
}

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
  /** Given when wheels are to be unpacked while they are inspected. */
  readonly unpacking?: Unpacking | undefined;
  /** Where artifacts are kept that are admitted. */
  readonly store?: ArtifactStore | undefined;
  readonly memory?: JsonStore | undefined;
  /** What inspectors saw before, for whoever judges for many. */
  readonly inspections?: ((context: InspectionContext) => InspectionMemory) | undefined;
  /** See GateRun. */
  readonly everySigner?: boolean | undefined;
}

/** Composes the gate for one command. */
export async function openGate(parts: GateParts): Promise<GateSession> {
  const { client, policy, talk, host } = parts;
  const judgements = new Map<string, Promise<Judged>>();
  const arriving = new Map<ArtifactRef, Arriving>();
  const requestOf = new Map<ArtifactRef, GateRequest>();
  for (const path of parts.options.attestations ?? []) await checkDocumentName(resolve(host.cwd, path));
  const attestations = await attestationsInspectorFor((ref) => requestOf.get(ref), parts);
  const signatures = await signatureInspectorFor((ref) => requestOf.get(ref), parts);
  await using rim = new AsyncDisposableStack();
  const summaries = summaryInspectorFor((ref) => requestOf.get(ref), parts);
  const directory = await makePrivateFolder();
  // At once, as nobody waits for anything else: the cache of an installer has 30,000 files.
  rim.defer(() => rmSync(directory, { recursive: true, force: true }));
  rim.defer(() => closeAll(judgements.values()));
  const wheels = rim.use(wheelInspector(host.processors, parts.unpacking));
  const outside = await outsideInspectorsFor(directory, talk, host);
  if (outside !== undefined) rim.use(outside);
  let count = 0;
  const gate = {
    client,
    directory,
    policy: policy.policy,
    now: host.now(),
    inspectors: [
      indexDigestInspector,
      userHashInspector,
      wheels,
      attestations,
      signatures,
      summaries,
      ...(outside ? [outside.inspector] : []),
    ],
    // What inspectors from others saw is theirs to remember.
    memory: outside ? undefined : parts.inspections?.(inspectionContext(parts)),
    onArriving: (ref: ArtifactRef, bytes: Arriving) => void arriving.set(ref, bytes),
    onListed: (request: GateRequest) => void requestOf.set(request.ref, request),
    onJudged: ({ ref }: Judged) => talk.progress(`Judged ${++count} of ${judgements.size}: ${ref.filename.text}`),
  };
  const owned = rim.move();
  return {
    directory,
    arriving: (ref) => arriving.get(ref),
    unpacked: wheels.unpacked,
    keepTrees: wheels.keep,
    async isRefusedUnseen(ref) {
      const seen = outside === undefined ? [] : await inspectBeforeDownload(ref, [outside.inspector]);
      return seen.some(({ outcome }) => outcome === "invalid");
    },
    vouching: (ref) => [...attestations.vouching(ref), ...signatures.vouching(ref)],
    async judge(requests) {
      const fresh = requests.filter((request) => !judgements.has(keyOf(request)));
      const passing = passGate(fresh, gate);
      for (const [at, request] of fresh.entries()) {
        const one = passing.then((judged) => judged[at] as Judged);
        const key = keyOf(request);
        // Whoever asked for it is told by `passing`. What could not be judged may be next time.
        one.catch(() => judgements.delete(key));
        judgements.set(key, one);
      }
      const passed = await passing;
      // An interruption ends inspectors from others, and then their failing says nothing.
      host.signal.throwIfAborted();
      await keepAdmitted(passed, parts.store);
      talk.progress("");
      return Promise.all(requests.map((request) => judgements.get(keyOf(request)) as Promise<Judged>));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function closeAll(judgements: Iterable<Promise<Judged>>): Promise<void> {
  const judged = await Promise.allSettled(judgements);
  await Promise.all(judged.map((each) => (each.status === "fulfilled" ? each.value.artifact?.close() : undefined)));
}

/** What nobody enables is not even loaded. */
async function outsideInspectorsFor(directory: string, talk: Talk, host: Host): Promise<OutsideInspectors | undefined> {
  const { plugins } = await projectSettings(host);
  if (plugins.inspectors.length === 0) return undefined;
  return (await import("./outside-inspectors.ts")).openOutsideInspectors(plugins, directory, talk, host);
}

/** What the user has as a file needs no second place. */
async function keepAdmitted(judged: readonly Judged[], store: ArtifactStore | undefined): Promise<void> {
  const keep = async ({ artifact, verdict }: Judged) => {
    if (verdict.decision !== "allow" || artifact === undefined || artifact.ref.url.protocol === "file:") return;
    await store?.keep(artifact.digests.sha256, artifact.path);
  };
  await Promise.all(judged.map(keep));
}

/** The same bytes, asked for in the same way. */
function keyOf({ ref, relation, lockedIdentities, byDigest }: GateRequest): string {
  return JSON.stringify([ref.url.href, relation, lockedIdentities, byDigest, ref.source, ref.digests, ref.pins]);
}

async function attestationsInspectorFor(
  requestOf: (ref: ArtifactRef) => GateRequest | undefined,
  parts: GateParts,
): Promise<AttestationInspector> {
  const { client, policy, options, host } = parts;
  const rootText = once(async () => (await trustedRootInForce(options.trustedRoot, policy, host)).text);
  const secondOpinion = once(async () =>
    (await import("../inspect/second-opinion.ts")).createSecondOpinion(await rootText()),
  );
  return attestationInspector({
    sources: await documentSources(options.attestations ?? [], policy, host, {
      index: indexSource(client),
      sidecar: sidecarSource(),
      path: pathSource,
      url: (template) => urlSource(template, client),
    }),
    trustedRoot: once(async () => parseTrustedRoot(await rootText())),
    now: host.now(),
    explain: options.explain === true,
    secondOpinion: options.secondOpinion === true ? secondOpinion : undefined,
    memory: evidenceMemoryFor(parts, rootText),
    isWanted: (ref) =>
      parts.everySigner === true || wantsAttestations(policy.policy, requestOf(ref) ?? { ref, relation: "direct" }),
  });
}

function inspectionContext({ options, policy, host }: GateParts): InspectionContext {
  const root = async () => (await trustedRootInForce(options.trustedRoot, policy, host)).text;
  return {
    policy: policy.policy,
    verifier: version,
    trustedRoot: once(async () => digestOf(Buffer.from(await root()))),
  };
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
    once(async () => digestOf(Buffer.from(await rootText()))),
  );
}

async function signatureInspectorFor(
  requestOf: (ref: ArtifactRef) => GateRequest | undefined,
  { client, transport, policy, options, host }: GateParts,
): Promise<WheelSignatureInspector> {
  const { keys, trust } = policy.policy;
  const hasKeyring = options.keyring !== undefined || trust.keyring !== undefined;
  return wheelSignatureInspector({
    sources: await documentSources(options.attestations ?? [], policy, host, {
      index: indexSignatures(client),
      sidecar: sidecarSignatures(),
      path: pathSignatures,
    }),
    policyKeys: keys.flatMap(({ key }) => (key.kind === "public-key" ? [key.id] : [])),
    keyring: hasKeyring ? once(async () => keyringFor(options.keyring, policy, transport, host)) : undefined,
    now: host.now(),
    isWanted: (ref) => wantsSignatures(policy.policy, requestOf(ref) ?? { ref, relation: "direct" }),
  });
}

/** Loaded when there is a signature to judge: what reads keyrings takes its time to load. */
async function keyringFor(option: string | undefined, policy: PolicyInForce, transport: Transport, host: Host) {
  const { loadKeyring, namedKeyring } = await import("./keyring-in-force.ts");
  return loadKeyring(await namedKeyring(option, policy, host), transport, host);
}

function summaryInspectorFor(
  requestOf: (ref: ArtifactRef) => GateRequest | undefined,
  { policy, options, host }: GateParts,
): DistInspector {
  const trustedRoot = once(async () =>
    parseTrustedRoot((await trustedRootInForce(options.trustedRoot, policy, host)).text),
  );
  return summaryInspector({
    files: summaryFiles(options.summaries ?? [], policy, trustedRoot, host),
    isWanted: (ref) => wantsSummaries(policy.policy, requestOf(ref) ?? { ref, relation: "direct" }),
  });
}

/** How one kind of document is looked for in each kind of place. */
interface DocumentSources {
  readonly index: DocumentSource;
  readonly sidecar: DocumentSource;
  path(path: string): Promise<DocumentSource>;
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
  const fromPolicy = (place: AttestationPlace): readonly (DocumentSource | Promise<DocumentSource>)[] => {
    switch (place.kind) {
      case "index":
      case "sidecar":
        return [sources[place.kind]];
      case "directory":
        return [sources.path(besidePolicy(place.path, policy, host))];
      case "url":
        return sources.url === undefined ? [] : [sources.url(place.template)];
    }
  };
  return Promise.all([
    ...given.map((path) => sources.path(resolve(host.cwd, path))),
    ...policy.policy.trust.attestations.flatMap(fromPolicy),
  ]);
}

async function makePrivateFolder(): Promise<string> {
  try {
    // mkdtemp makes it 0700.
    return await mkdtemp(join(tmpdir(), "tspip-"));
  } catch (error) {
    throw new EnvironmentError("cannot-write", `Cannot make a temporary folder: ${messageOf(error)}`, { cause: error });
  }
}

/** What a file is about stands in its name alone: one that is called otherwise would be passed over without a word. */
async function checkDocumentName(path: string): Promise<void> {
  const suffixes = [...attestationSuffixes, signatureSuffix];
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== false || suffixes.some((suffix) => path.endsWith(suffix))) return;
  throw new UsageError("unknown-document", `Cannot tell which artifact "${path}" is about`, {
    hint: `Call it as the artifact, and one of ${suffixes.join(", ")} behind`,
  });
}
