import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { signManifest } from "../../bundle/bundle-signature.ts";
import { artifactMember, type BundledArtifact, formatManifest } from "../../bundle/manifest.ts";
import { memberFolders, memberNames } from "../../bundle/members.ts";
import { openBundle } from "../../bundle/open-bundle.ts";
import { type NewMember, storedArchive } from "../../bundle/stored-archive.ts";
import type { Artifact, ArtifactRef } from "../../distribution/artifact.ts";
import { digestOf } from "../../distribution/digest.ts";
import type { MarkerEnvironment } from "../../distribution/marker.ts";
import { compareText } from "../../encoding/compare-text.ts";
import { ArtifactError, EnvironmentError, messageOf, TspipError, UsageError } from "../../errors.ts";
import type { KeptArtifact } from "../../install/keep.ts";
import { formatLock } from "../../plan/format-lock.ts";
import type { Signer } from "../../signature/sign.ts";
import { openShared } from "../../threads/shared-bytes.ts";
import type { GateRun } from "../gate/gate-run.ts";
import { openTransport } from "../gate/index-client.ts";
import { identitiesOf } from "../gate/locked-identities.ts";
import type { JudgedRequest } from "../gate/run-gate.ts";
import type { Host } from "../host.ts";
import { bytesOf } from "../read-text.ts";
import type { PolicyInForce } from "../settings/policy-in-force.ts";
import { projectSettings } from "../settings/project-settings.ts";
import { besidePolicy, type TrustedRootInForce, trustedRootInForce } from "../settings/trusted-root.ts";
import { bundledKeyring } from "./bundle-keyring.ts";
import { bundledPolicy } from "./bundle-policy.ts";

/** What a bundle is made of, besides the artifacts that were judged. */
export interface BundleParts {
  readonly run: GateRun;
  readonly result: JudgedRequest;
  readonly kept: readonly KeptArtifact[];
  readonly markers: MarkerEnvironment;
  readonly signer: Signer;
}

/**
 * Writes `--bundle FILE`: it is there whole or not at all. The same artifacts, evidence, policy and trust material give the
 * same bytes, where the key is one that signs the same text in the same way (Ed25519; ECDSA draws a number each time).
 * @returns its SHA-256, lower-case hex
 * @throws UsageError, TrustError, EnvironmentError
 */
export async function writeBundle(file: string, parts: BundleParts): Promise<string> {
  const { run, kept } = parts;
  const artifacts = bundledArtifacts(parts);
  const { policy, documents: ofPolicy } = await bundledPolicy(run.policy, run.host);
  await using transport = await openTransport(run.options, run.host);
  const keyring = await bundledKeyring(run, transport);
  const root = await trustedRootInForce(run.options.trustedRoot, run.policy, run.host);
  const documents = sorted([
    [memberNames.lock, Buffer.from(lockOf(parts))],
    [memberNames.trustedRoot, Buffer.from(root.text)],
    ...ofPolicy,
    ...(keyring?.documents ?? []),
    ...(await summaries(run)),
    ...kept.flatMap((one) =>
      one.documents.map(({ filename, bytes }) => [memberFolders.evidence + filename, bytes] as const),
    ),
  ]);
  const wheels = sorted(
    kept.map(({ artifact }) => [memberFolders.artifacts + artifact.ref.filename.text, artifact] as const),
  );
  const manifest = formatManifest({
    members: new Map([
      ...documents.map(([name, bytes]) => [name, { size: bytes.length, sha256: digestOf(bytes) }] as const),
      ...wheels.map(([name, { size, digests }]) => [name, { size, sha256: digests.sha256 }] as const),
    ]),
    artifacts,
    policy,
    ...(await whenWritten(root, run.policy)),
    ...(keyring && { keyring: { answers: keyring.answers } }),
    inspectors: (await projectSettings(run.host)).plugins.inspectors.map(({ name }) => name),
  });
  const members: NewMember[] = [
    inMemory(memberNames.manifest, manifest),
    inMemory(memberNames.signature, await signManifest(manifest, parts.signer)),
    ...documents.map(([name, bytes]) => inMemory(name, bytes)),
    ...wheels.map(([name, { bytes, shared }]) => ({ name, bytes, isCopied: shared.kind === "file" })),
  ];
  return writeWhole(resolve(run.host.cwd, file), members, run.host);
}

/** What was judged, with what was said of it; where it lay on this disk is nobody's business. */
function bundledArtifacts({ result, kept }: BundleParts): BundledArtifact[] {
  const requested = new Set(result.planned.flatMap((one) => (one.requested ? one.ref.filename.text : [])));
  const artifacts = kept.map(({ artifact }) => ({
    ref: portable(artifact.ref),
    requested: requested.has(artifact.ref.filename.text),
  }));
  const sdist = artifacts.find(({ ref }) => ref.filename.kind === "sdist");
  if (sdist !== undefined)
    throw new UsageError(
      "sdist-in-bundle",
      `"${sdist.ref.filename.text}" is a source distribution: a bundle is for installing`,
      {
        hint: "Build a wheel of it, and name that",
      },
    );
  return artifacts.toSorted((a, b) => compareText(artifactMember(a), artifactMember(b)));
}

function portable({ url, source, pins: _, coreMetadata: __, ...said }: ArtifactRef): BundledArtifact["ref"] {
  if (url.protocol === "file:") return { ...said, source: { kind: "local" } };
  const isLocalPage = source.kind === "find-links" && source.url.protocol === "file:";
  return { ...said, url, source: isLocalPage ? { kind: "direct" } : source };
}

/** A lock file beside the folder of artifacts: whoever unpacks the bundle can use it with other tools. */
function lockOf({ result, markers }: BundleParts): string {
  const folder = "/bundle";
  const packages = result.judged.flatMap(({ ref, artifact, verdict }) =>
    artifact === undefined ? [] : [lockedRelease(ref, artifact, verdict)],
  );
  return formatLock({ markers, packages }, folder);

  function lockedRelease(
    ref: ArtifactRef,
    { digests: { sha256 }, size }: Artifact,
    verdict: JudgedRequest["judged"][number]["verdict"],
  ) {
    const { name, version, text } = ref.filename;
    const url = pathToFileURL(join(folder, memberFolders.artifacts, text));
    return {
      name,
      version,
      ...(ref.requiresPython !== undefined && { requiresPython: ref.requiresPython }),
      files: [{ ...ref, url, size, digests: { sha256 } }],
      identities: identitiesOf(verdict),
    };
  }
}

async function summaries({ options, policy, host }: GateRun): Promise<[string, Buffer][]> {
  const paths = [
    ...(options.summaries ?? []).map((path) => resolve(host.cwd, path)),
    ...(policy.policy.trust.summaries ?? []).map((path) => besidePolicy(path, policy, host)),
  ];
  return Promise.all(
    paths.map(
      async (path, at): Promise<[string, Buffer]> => [
        `${memberFolders.summaries}${at + 1}.jsonl`,
        await bytesOf(path, host),
      ],
    ),
  );
}

/** Asked only where the policy has a use for it: the same trusted root makes the same bundle. */
async function whenWritten({ path }: TrustedRootInForce, { policy: { trust } }: PolicyInForce) {
  if (path === undefined || trust.sigstore.kind === "embedded" || trust.sigstore.maxAge === undefined) return {};
  return { trustedRootWritten: (await stat(path)).mtime };
}

function inMemory(name: string, bytes: Uint8Array): NewMember {
  return { name, bytes: openShared({ kind: "memory", bytes }) };
}

/** Into a file beside it, which takes its place when all of it is on the disk. */
async function writeWhole(path: string, members: readonly NewMember[], { signal }: Host): Promise<string> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    const sha256 = createHash("sha256");
    const file = await open(temporary, "wx+", 0o666);
    try {
      for (const chunk of storedArchive(members)) {
        signal.throwIfAborted();
        sha256.update(chunk);
        await file.writeFile(chunk);
      }
      await file.sync();
      await checkReadable(file);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return sha256.digest("hex");
  } catch (error) {
    await rm(temporary, { force: true });
    if (signal.aborted || error instanceof TspipError) throw error;
    throw new EnvironmentError("cannot-write", `Cannot write the bundle "${path}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** A policy's file may have a name, and documents a length, that the reader of bundles refuses. */
async function checkReadable(file: FileHandle): Promise<void> {
  try {
    const { size } = await file.stat();
    openBundle(openShared({ kind: "file", descriptor: file.fd, size })).unseal();
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    throw new UsageError("bundle-not-portable", `Nobody could read the bundle: ${error.message}`, { cause: error });
  }
}

function sorted<T>(entries: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  return entries.toSorted(([a], [b]) => compareText(a, b));
}
