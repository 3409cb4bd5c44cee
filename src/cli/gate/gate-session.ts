import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { type ArtifactRef, fileKey } from "../../distribution/artifact.ts";
import { passGate } from "../../inspect/gate.ts";
import type { GateRequest, Judged } from "../../inspect/gate-request.ts";
import { inspectBeforeDownload } from "../../inspect/inspect.ts";
import type { AttestationInspector } from "../../inspect/inspectors/attestation.ts";
import { indexDigestInspector } from "../../inspect/inspectors/index-digest.ts";
import { secondReader } from "../../inspect/inspectors/second-reader.ts";
import { userHashInspector } from "../../inspect/inspectors/user-hash.ts";
import { type WheelInspector, wheelInspector } from "../../inspect/inspectors/wheel.ts";
import type { ArtifactStore } from "../../memory/artifact-store.ts";
import type { Arriving } from "../../package-index/arriving.ts";
import type { Host } from "../host.ts";
import { once } from "../once.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";
import {
  attestationsInspectorFor,
  checkDocumentName,
  type GateParts,
  inspectionContext,
  keyringFor,
  outsideInspectorsFor,
  signatureInspectorFor,
  summaryInspectorFor,
} from "./gate-inspectors.ts";

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
  readonly expectWheels: WheelInspector["expect"];
  /** See WheelInspector. */
  readonly unpacked: WheelInspector["unpacked"];
  /** See WheelInspector. */
  readonly keepTrees: WheelInspector["keep"];
  /**
   * Gives back the disk space of all bytes, where no more of them is wanted than what is unpacked. Their names go at once;
   * the space goes as they are closed, on other threads, while whoever installs is busy on this one.
   */
  letGo(): void;
  /** See AttestationInspector. */
  readonly vouching: AttestationInspector["vouching"];
  /** A private folder, for whoever needs bytes besides. */
  readonly directory: string;
}

/** Composes the gate for one command. */
export async function openGate(parts: GateParts): Promise<GateSession> {
  const { client, policy, talk, host } = parts;
  const judgements = new Map<string, Promise<Judged>>();
  const arriving = new Map<string, Arriving>();
  const requestOf = new Map<ArtifactRef, GateRequest>();
  for (const path of parts.options.attestations ?? []) await checkDocumentName(resolve(host.cwd, path));
  await using rim = new AsyncDisposableStack();
  const attestations = await attestationsInspectorFor((ref) => requestOf.get(ref), parts);
  const keyring = keyringFor(parts);
  const signatures = await signatureInspectorFor((ref) => requestOf.get(ref), parts, keyring);
  const summaries = summaryInspectorFor((ref) => requestOf.get(ref), parts, keyring);
  const directory = privateFolder(parts.directory, host);
  rim.use(directory);
  const close = once(() => closeAll(judgements.values()));
  rim.defer(close);
  const wheels = rim.use(wheelInspector(host.processors, parts.unpacking));
  const outside = await outsideInspectorsFor(directory.path, talk, host);
  if (outside !== undefined) rim.use(outside);
  let count = 0;
  const gate = {
    client,
    directory: directory.path,
    policy: policy.policy,
    now: host.now(),
    inspectors: [
      indexDigestInspector,
      userHashInspector,
      wheels,
      ...(parts.options.secondOpinion === true ? [secondReader] : []),
      attestations,
      signatures,
      summaries,
      ...(outside ? [outside.inspector] : []),
    ],
    // What inspectors from others saw is theirs to remember.
    memory: outside ? undefined : parts.inspections?.(inspectionContext(parts)),
    onArriving: (ref: ArtifactRef, bytes: Arriving) => void arriving.set(fileKey(ref), bytes),
    onListed: (request: GateRequest) => void requestOf.set(request.ref, request),
    onJudged: ({ ref }: Judged) => talk.progress(`Judged ${++count} of ${judgements.size}: ${ref.filename.text}`),
  };
  const owned = rim.move();
  return {
    get directory() {
      return directory.path();
    },
    arriving: (ref) => arriving.get(fileKey(ref)),
    expectWheels: wheels.expect,
    unpacked: wheels.unpacked,
    keepTrees: wheels.keep,
    letGo() {
      directory[Symbol.dispose]();
      // Whoever disposes hears of what fails.
      close().catch(() => {});
    },
    async isRefusedUnseen(ref) {
      const seen = outside === undefined ? [] : await inspectBeforeDownload(ref, [outside.inspector]);
      return seen.some(({ outcome }) => outcome === "invalid");
    },
    vouching: (ref) => [...attestations.vouching(ref), ...signatures.vouching(ref)],
    async judge(requests) {
      const keyed = requests.map((request) => ({ request, key: keyOf(request) }));
      const fresh = keyed.filter(({ key }) => !judgements.has(key));
      const passing = passGate(
        fresh.map(({ request }) => request),
        gate,
      );
      for (const [at, { key }] of fresh.entries()) {
        const one = passing.then((judged) => judged[at] as Judged);
        // Whoever asked for it is told by `passing`. What could not be judged may be next time.
        one.catch(() => judgements.delete(key));
        judgements.set(key, one);
      }
      const passed = await passing;
      // An interruption ends inspectors from others, and then their failing says nothing.
      host.signal.throwIfAborted();
      await keepAdmitted(passed, parts.store);
      if (fresh.length > 0) talk.progress("");
      return Promise.all(keyed.map(({ key }) => judgements.get(key) as Promise<Judged>));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function closeAll(judgements: Iterable<Promise<Judged>>): Promise<void> {
  const judged = await Promise.allSettled(judgements);
  await Promise.all(judged.map((each) => (each.status === "fulfilled" ? each.value.artifact?.close() : undefined)));
}

/** What the user has as a file needs no second place. */
async function keepAdmitted(judged: readonly Judged[], store: ArtifactStore | undefined): Promise<void> {
  const keep = async ({ artifact, verdict }: Judged) => {
    if (verdict.decision !== "allow" || artifact === undefined || artifact.ref.url.protocol === "file:") return;
    await store?.keep(artifact.digests.sha256, artifact.path);
  };
  await Promise.all(judged.map(keep));
}

/** The same file, of which the same was said, asked for in the same way. */
function keyOf({ ref, relation, lockedIdentities, byDigest }: GateRequest): string {
  const { source, pins, provenance, yanked, uploadTime, projectStatus } = ref;
  const said = [source, pins, provenance, yanked, uploadTime, projectStatus];
  return JSON.stringify([fileKey(ref), relation, lockedIdentities, byDigest, ...said]);
}

/**
 * Made when the first file has to lie somewhere: what is judged by digests needs none. Disposing removes what was made.
 * @param given used in its stead
 */
function privateFolder(given: string | undefined, host: Host): Disposable & { path(): string } {
  let path = given;
  return {
    path: () => {
      path ??= makeTemporaryFolder(host);
      return path;
    },
    [Symbol.dispose]() {
      if (path !== undefined && path !== given) rmSync(path, { recursive: true, force: true });
    },
  };
}
