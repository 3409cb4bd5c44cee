import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { bundleClient } from "../bundle/bundle-client.ts";
import { judgeManifest, type ManifestSigner } from "../bundle/bundle-signature.ts";
import { replayingTransport } from "../bundle/kept-answers.ts";
import { artifactMember, type BundleManifest } from "../bundle/manifest.ts";
import { memberFolders, memberNames } from "../bundle/members.ts";
import { type Bundle, openBundle, type SealedBundle } from "../bundle/open-bundle.ts";
import { ArtifactError, EnvironmentError, messageOf, UsageError } from "../errors.ts";
import type { IndexClient } from "../package-index/client.ts";
import type { Transport } from "../package-index/transport.ts";
import { type LockedPackage, parseLockFile } from "../plan/lock-file.ts";
import type { PlanRequest } from "../plan/plan.ts";
import { openShared } from "../threads/shared-bytes.ts";
import type { KeyId } from "../trust/key-id.ts";
import { type Finding, finding } from "../verdict/finding.ts";
import { isFindingId } from "../verdict/finding-catalog.ts";
import { bundleKeys } from "./bundle-keys.ts";
import type { GateOptions } from "./command-line/options.ts";
import type { Host } from "./host.ts";
import { type PolicyInForce, policyInForce } from "./policy-in-force.ts";
import { projectSettings } from "./project-settings.ts";
import { readText } from "./read-text.ts";
import { createTalk, type Talk } from "./terminal.ts";

/** The options of commands that take a bundle. */
export interface BundleOptions
  extends Pick<
    GateOptions,
    "policy" | "lock" | "indexUrl" | "extraIndexUrl" | "findLinks" | "verbose" | "quiet" | "color" | "progress"
  > {
  readonly bundle?: string | undefined;
  readonly bundleKey?: readonly string[] | undefined;
  readonly untrustedBundle?: boolean | undefined;
}

/** A bundle that is taken in place of indexes, cache and configuration. */
export interface GivenBundle {
  readonly client: IndexClient;
  readonly transport: Transport;
  readonly policy: PolicyInForce;
  /** Whether the policy is the bundle's own, and not the receiver's. */
  readonly hasOwnPolicy: boolean;
  /** What is asked for where the user names nothing. */
  readonly request: Pick<PlanRequest, "locks" | "files">;
}

/** What became of `--bundle`. Disposing closes the file and removes what was taken out of it. */
export type BundleAnswer = AsyncDisposable &
  (
    | { readonly outcome: "taken"; readonly bundle: GivenBundle }
    | { readonly outcome: "refused"; readonly findings: readonly Finding[] }
  );

/**
 * Opens `--bundle`: who made it is judged before anything is taken out of it, and what is taken out lies in a private
 * folder. Nothing where no bundle is given.
 * @throws UsageError, TrustError, ArtifactError, EnvironmentError
 */
export async function givenBundle(options: BundleOptions, host: Host): Promise<BundleAnswer | undefined> {
  if (options.bundle === undefined) {
    if (options.bundleKey !== undefined || options.untrustedBundle === true)
      throw new UsageError("wrong-argument", "--bundle-key and --untrusted-bundle go with --bundle FILE");
    return undefined;
  }
  checkAlone(options);
  const accepted = await bundleKeys(options.bundleKey ?? [], host);
  await using rim = new AsyncDisposableStack();
  const path = resolve(host.cwd, options.bundle);
  const file = rim.use(await openFile(path, options.bundle));
  const about = { ...options, shown: options.bundle, path, talk: createTalk(options, host), host };
  const answer = await refusalOr(async () => {
    const sealed = await openBundle(openShared({ kind: "file", descriptor: file.fd, size: (await file.stat()).size }));
    const maker = makerOf(sealed, accepted);
    if (maker.outcome !== "verified" && !(maker.outcome === "unknown" && options.untrustedBundle === true))
      return refusal(maker, accepted);
    const bundle = sealed.unseal();
    return take(bundle, maker, rim, about);
  });
  const owned = rim.move();
  return { ...answer, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

type Answer =
  | { readonly outcome: "taken"; readonly bundle: GivenBundle }
  | { readonly outcome: "refused"; readonly findings: readonly Finding[] };

/** What is wrong with the archive has ids of findings already. */
async function refusalOr(open: () => Promise<Answer>): Promise<Answer> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof ArtifactError && isFindingId(error.code))) throw error;
    return { outcome: "refused", findings: [finding(error.code, error.message)] };
  }
}

/** A bundle is the whole of what is asked: an index beside it would be a way around what its maker signed. */
function checkAlone(options: BundleOptions): void {
  const { lock, indexUrl, extraIndexUrl, findLinks } = options;
  const others = Object.entries({
    lock,
    "index-url": indexUrl,
    "extra-index-url": extraIndexUrl,
    "find-links": findLinks,
  });
  const [named] = others.find(([, value]) => value !== undefined) ?? [];
  if (named !== undefined)
    throw new UsageError(
      "wrong-argument",
      `--bundle and --${named} exclude each other: all that is installed is in the bundle`,
    );
}

async function openFile(path: string, shown: string) {
  try {
    const file = await open(path, "r");
    if ((await file.stat()).isFile()) return file;
    await file.close();
    throw new Error("it is no regular file");
  } catch (error) {
    throw new UsageError("no-such-file", `Cannot read the bundle "${shown}": ${messageOf(error)}`, { cause: error });
  }
}

type Maker = ManifestSigner | { readonly outcome: "unknown"; readonly reason: undefined };

function makerOf({ manifest, signature }: SealedBundle, accepted: readonly KeyId[]): Maker {
  return signature === undefined
    ? { outcome: "unknown", reason: undefined }
    : judgeManifest(manifest, signature, accepted);
}

function refusal(maker: Exclude<Maker, { outcome: "verified" }>, accepted: readonly KeyId[]): Answer {
  const refused = (id: Parameters<typeof finding>[0], message: string): Answer => ({
    outcome: "refused",
    findings: [finding(id, message)],
  });
  if (maker.outcome === "invalid")
    return refused("bundle-signature-invalid", `The signature of the bundle does not hold: ${maker.reason}`);
  if (maker.reason === undefined) return refused("bundle-unsigned", "Nobody has signed the bundle");
  const wanted = accepted.length === 0 ? "no key is accepted for bundles" : `accepted: ${accepted.join(", ")}`;
  return refused(
    "bundle-signer-unknown",
    `The bundle is signed by somebody who is not accepted: ${maker.reason}; ${wanted}`,
  );
}

interface About extends BundleOptions {
  readonly shown: string;
  readonly path: string;
  readonly talk: Talk;
  readonly host: Host;
}

async function take(bundle: Bundle, maker: Maker, rim: AsyncDisposableStack, about: About): Promise<Answer> {
  const { talk, host, shown, path } = about;
  const isTrusted = maker.outcome === "verified";
  const folder = await unpackDocuments(bundle, rim);
  if (isTrusted) talk.info(`Bundle ${shown}: signed by ${maker.key}`);
  else
    talk.warn(
      `Nobody who is accepted has made the bundle ${shown}: its files are judged, and nothing else of it is used`,
    );
  for (const name of isTrusted ? bundle.manifest.inspectors : [])
    talk.warn(`The inspector "${name}" has judged where the bundle was made, and does not judge here`);
  const own = await ownPolicy(about);
  const policy =
    own ?? (isTrusted ? await bundledPolicy(bundle.manifest, folder, about) : await policyInForce(undefined, host));
  const client = bundleClient(bundle, path, isTrusted);
  const hasOwnPolicy = isTrusted && own === undefined;
  return {
    outcome: "taken",
    bundle: {
      client,
      transport: replayingTransport(hasOwnPolicy ? keyringAnswers(bundle) : new Map()),
      policy: withEvidence(policy, join(folder, memberFolders.evidence)),
      hasOwnPolicy,
      request: isTrusted
        ? await lockRequest(bundle.manifest, folder, about)
        : await fileRequest(bundle.manifest, client),
    },
  };
}

/** Everything but the artifacts, in a private folder; each document is read whole and compared with its digest first. */
async function unpackDocuments(bundle: Bundle, rim: AsyncDisposableStack): Promise<string> {
  try {
    const folder = await mkdtemp(join(tmpdir(), "tspip-bundle-"));
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
async function ownPolicy({ policy, host }: About): Promise<PolicyInForce | undefined> {
  const named = policy ?? (await projectSettings(host)).policy;
  return named === undefined ? undefined : policyInForce(named, host);
}

/** The bundle's policy, with trusted root, keyring and summaries from the bundle: what its maker judged by. */
async function bundledPolicy(manifest: BundleManifest, folder: string, { shown, host }: About): Promise<PolicyInForce> {
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
        sigstore: { kind: "file", path: join(folder, memberNames.trustedRoot) },
        ...(members.has(memberNames.keyring) && { keyring: { kind: "file", path: join(folder, memberNames.keyring) } }),
        ...(summaries.length > 0 && { summaries: summaries.map((name) => join(folder, name)) }),
      },
    },
  };
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
  { shown }: About,
): Promise<GivenBundle["request"]> {
  const path = join(folder, memberNames.lock);
  const lock = parseLockFile(await readText(path, "the lock of the bundle"), path);
  const fromBundle = (locked: LockedPackage): LockedPackage => ({
    ...locked,
    files: locked.files.map((file) => ({ ...file, hasUrl: false })),
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

async function fileRequest(manifest: BundleManifest, client: IndexClient): Promise<GivenBundle["request"]> {
  const refs = await Promise.all(
    manifest.artifacts.map(async ({ ref }) =>
      (await client.release(ref.filename.name, ref.filename.version)).filter(
        ({ filename }) => filename.text === ref.filename.text,
      ),
    ),
  );
  return { locks: [], files: refs.flat().map((ref) => ({ ref, extras: [], place: ref.filename.text })) };
}
