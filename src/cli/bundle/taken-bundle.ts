import { mkdir, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { bundleClient } from "../../bundle/bundle-client.ts";
import { replayingTransport } from "../../bundle/kept-answers.ts";
import { artifactMember, type BundleManifest } from "../../bundle/manifest.ts";
import { memberFolders, memberNames } from "../../bundle/members.ts";
import type { Bundle } from "../../bundle/open-bundle.ts";
import { ArtifactError, EnvironmentError, messageOf } from "../../errors.ts";
import type { IndexClient } from "../../package-index/client.ts";
import type { Transport } from "../../package-index/transport.ts";
import type { LockedPackage } from "../../plan/lock-file.ts";
import { parseLockFile } from "../../plan/parse-lock-file.ts";
import type { PlanRequest } from "../../plan/plan-request.ts";
import type { TrustedRootPlace } from "../../policy/policy.ts";
import type { Host } from "../host.ts";
import { readText } from "../read-text.ts";
import { type PolicyInForce, policyInForce } from "../settings/policy-in-force.ts";
import { projectSettings } from "../settings/project-settings.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";

/** A bundle that is taken in place of indexes, cache and configuration. */
export interface TakenBundle {
  readonly client: IndexClient;
  readonly transport: Transport;
  readonly policy: PolicyInForce;
  /** Whether the policy is the bundle's own, and not the receiver's. */
  readonly hasOwnPolicy: boolean;
  /** What is asked for where the user names nothing. */
  readonly request: Pick<PlanRequest, "locks" | "files">;
}

/** What is known of the bundle besides what it holds. */
export interface AboutBundle {
  /** As the user named it. */
  readonly shown: string;
  /** Absolute. */
  readonly path: string;
  /** Whether somebody made it whom the receiver accepts. */
  readonly isTrusted: boolean;
  /** `--policy` */
  readonly policy?: string | undefined;
  readonly host: Host;
}

/**
 * Takes out of a bundle what its maker may say: of one that nobody answers for, the artifacts and what vouches for them.
 * @param rim what is to be removed in the end
 * @throws ArtifactError, EnvironmentError, UsageError, PolicyFileError
 */
export async function takeBundle(bundle: Bundle, rim: AsyncDisposableStack, about: AboutBundle): Promise<TakenBundle> {
  const { path, isTrusted } = about;
  const folder = await unpackDocuments(bundle, rim, about.host);
  const own = await ownPolicy(about);
  const hasOwnPolicy = isTrusted && own === undefined;
  const policy = hasOwnPolicy ? await bundledPolicy(bundle.manifest, folder, about) : (own ?? (await noPolicy(about)));
  const client = bundleClient(bundle, path, isTrusted);
  return {
    client,
    transport: replayingTransport(hasOwnPolicy ? keyringAnswers(bundle) : new Map()),
    policy: {
      ...withEvidence(policy, join(folder, memberFolders.evidence)),
      unpacked: { bundle: about.shown, folder },
    },
    hasOwnPolicy,
    request: isTrusted ? await lockRequest(bundle.manifest, folder, about) : await fileRequest(bundle.manifest, client),
  };
}

/** Everything but the artifacts, in a private folder; each document is read whole and compared with its digest first. */
async function unpackDocuments(bundle: Bundle, rim: AsyncDisposableStack, host: Host): Promise<string> {
  try {
    const folder = makeTemporaryFolder(host);
    rim.defer(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, memberFolders.evidence));
    const artifacts = new Set(bundle.manifest.artifacts.map(artifactMember));
    for (const name of bundle.manifest.members.keys()) {
      if (artifacts.has(name)) continue;
      const target = join(folder, name);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, bundle.read(name), { flag: "wx", mode: 0o600 });
    }
    return folder;
  } catch (error) {
    if (error instanceof ArtifactError) throw error;
    throw new EnvironmentError("cannot-write", `Cannot unpack the bundle: ${messageOf(error)}`, { cause: error });
  }
}

/** The receiver's own policy, where there is one: what a bundle says never goes before what its receiver says. */
async function ownPolicy({ policy, host }: AboutBundle): Promise<PolicyInForce | undefined> {
  const named = policy ?? (await projectSettings(host)).policy;
  return named === undefined ? undefined : policyInForce(named, host);
}

function noPolicy({ host }: AboutBundle): Promise<PolicyInForce> {
  return policyInForce(undefined, host);
}

/** The bundle's policy, with trusted root, keyring and summaries from the bundle: what its maker judged by. */
async function bundledPolicy(
  manifest: BundleManifest,
  folder: string,
  { shown, host }: AboutBundle,
): Promise<PolicyInForce> {
  const inForce = await policyInForce(join(folder, manifest.policy), host);
  const { keyring: _, summaries: __, ...trust } = inForce.policy.trust;
  const { members } = manifest;
  const summaries = [...members.keys()].filter((name) => name.startsWith(memberFolders.summaries));
  return {
    ...inForce,
    source: `${relative(memberFolders.policy, manifest.policy)} in ${shown}`,
    policy: {
      ...inForce.policy,
      trust: {
        ...trust,
        sigstore: await bundledRoot(trust.sigstore, manifest, join(folder, memberNames.trustedRoot)),
        ...(members.has(memberNames.keyring) && { keyring: { kind: "file", path: join(folder, memberNames.keyring) } }),
        ...(summaries.length > 0 && { summaries: summaries.map((name) => join(folder, name)) }),
      },
    },
  };
}

/** A trusted root is as old as its file, and the bundle's was written when the manifest says. */
async function bundledRoot(
  named: TrustedRootPlace,
  { trustedRootWritten = new Date(0) }: BundleManifest,
  path: string,
): Promise<TrustedRootPlace> {
  const maxAge = named.kind === "embedded" ? undefined : named.maxAge;
  if (maxAge === undefined) return { kind: "file", path };
  await utimes(path, trustedRootWritten, trustedRootWritten);
  return { kind: "file", path, maxAge };
}

/** Whatever places a policy names for attestations and signatures: what was found there when the bundle was made is in it. */
function withEvidence(inForce: PolicyInForce, path: string): PolicyInForce {
  const { policy } = inForce;
  return { ...inForce, policy: { ...policy, trust: { ...policy.trust, attestations: [{ kind: "directory", path }] } } };
}

function keyringAnswers(bundle: Bundle): ReadonlyMap<string, Buffer | undefined> {
  const answers = [...(bundle.manifest.keyring?.answers ?? [])];
  return new Map(answers.map(([url, member]) => [url, member === undefined ? undefined : bundle.read(member)]));
}

/** The lock says which artifacts belong to which environment; where they are, and what was said of them, the manifest. */
async function lockRequest(
  { artifacts }: BundleManifest,
  folder: string,
  { shown, host }: AboutBundle,
): Promise<TakenBundle["request"]> {
  const path = join(folder, memberNames.lock);
  const lock = parseLockFile(await readText(path, "the lock of the bundle", host), path);
  const fromBundle = (locked: LockedPackage): LockedPackage => ({
    ...locked,
    files: locked.files.map((file) => ({
      ...file,
      hasUrl: false,
      pins: file.pins.map((pin) => ({ ...pin, by: "bundle" })),
    })),
  });
  const requested = new Set(artifacts.flatMap((artifact) => (artifact.requested ? artifact.ref.filename.text : [])));
  return {
    files: [],
    locks: [
      {
        lock: { ...lock, select: (choice, environment) => lock.select(choice, environment).map(fromBundle) },
        wanted: { extras: [], groups: "default" },
        place: `${memberNames.lock} in ${shown}`,
        requested,
      },
    ],
  };
}

async function fileRequest(manifest: BundleManifest, client: IndexClient): Promise<TakenBundle["request"]> {
  const refs = await Promise.all(
    manifest.artifacts.map(async ({ ref }) =>
      (await client.release(ref.filename.name, ref.filename.version)).filter(
        ({ filename }) => filename.text === ref.filename.text,
      ),
    ),
  );
  return { locks: [], files: refs.flat().map((ref) => ({ ref, extras: [], place: ref.filename.text })) };
}
