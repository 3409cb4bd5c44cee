import { Metadata, MetadataKind, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp } from "@tufjs/models";
import { digestOf } from "../distribution/digest.ts";
import type { Signer } from "../signature/sign.ts";
import type { KeyId } from "../trust/key-id.ts";
import { formatKeys, type KeyringContents, keyListLimit, parseKeys, type Role } from "./key-list.ts";
import { formatTime, parseMembers, refused } from "./members.ts";
import {
  checkMayRefresh,
  checkMaySign,
  isComplete,
  type KeyringRepository,
  noDraft,
  nothingSigned,
  standingsOf,
} from "./repository.ts";
import { highestVersion, type RepositoryFolder } from "./repository-folder.ts";
import { fromTufKey, signMetadata, toTufKey } from "./tuf-keys.ts";

const specVersion = "1.0.31";
const targetName = "keyring.json";

/** How much earlier than the rest of a draft the root may end before it is made anew, too. */
const rootSlack = 30 * 86_400_000;

/**
 * The TUF form (theupdateframework.github.io): the roots sign `N.root.json` and `N.targets.json`, the fresh keys
 * `N.snapshot.json` and `timestamp.json`; the keys are the target `keyring.json`. The draft lies in `draft/`.
 */
export function tufRepository(folder: RepositoryFolder): KeyringRepository {
  return { signed, draft, writeDraft, sign, refresh, currentUntil };

  async function signed() {
    const found = await signedMetadata();
    return (
      found && {
        ...contentsOf(found.root.signed, found.keyring),
        version: found.targets.signed.version,
        expires: ends(found),
      }
    );
  }

  async function signedMetadata() {
    const version = await highestVersion(folder, "targets.json");
    const root = await signedRoot();
    if (version === 0 || root === undefined) return undefined;
    const targets = await read(`${version}.targets.json`, MetadataKind.Targets);
    const hash = targets.signed.targets[targetName]?.hashes.sha256;
    const keyring = await folder.read(`targets/${hash}.${targetName}`);
    if (keyring === undefined || digestOf(keyring) !== hash)
      throw refused(`there is no target ${targetName} as it was signed`);
    return { root, targets, keyring };
  }

  async function signedRoot(): Promise<Metadata<Root> | undefined> {
    const version = await highestVersion(folder, "root.json");
    return version === 0 ? undefined : read(`${version}.root.json`, MetadataKind.Root);
  }

  async function draftMetadata() {
    const keyring = await folder.read(`draft/${targetName}`);
    if (keyring === undefined) return undefined;
    const targets = await read("draft/targets.json", MetadataKind.Targets);
    const hasRoot = (await folder.read("draft/root.json")) !== undefined;
    const earlier = await signedRoot();
    const root = hasRoot ? await read("draft/root.json", MetadataKind.Root) : earlier;
    if (root === undefined) throw refused("the draft has no root");
    return { root, targets, keyring, hasRoot, earlier: hasRoot ? earlier : undefined };
  }

  async function draft() {
    const found = await draftMetadata();
    if (found === undefined) return undefined;
    const { root, targets, keyring, earlier } = found;
    return {
      ...contentsOf(root.signed, keyring),
      version: targets.signed.version,
      expires: ends(found),
      standings: standings(found, earlier),
    };
  }

  async function writeDraft(contents: KeyringContents, _: Date, expires: Date) {
    const end = formatTime(expires);
    const earlier = await signedRoot();
    const keyring = Buffer.from(
      `${JSON.stringify({ type: "tspip-keys", spec: 1, name: contents.name, ...formatKeys(contents) }, undefined, 2)}\n`,
    );
    const targets = new Targets({
      version: (await highestVersion(folder, "targets.json")) + 1,
      specVersion,
      expires: end,
    });
    targets.addTarget(
      new TargetFile({ path: targetName, length: keyring.length, hashes: { sha256: digestOf(keyring) } }),
    );
    await folder.remove("draft");
    await folder.write(`draft/${targetName}`, keyring);
    await write("draft/targets.json", new Metadata(targets));
    if (!needsRoot(contents, earlier, expires)) return;
    const version = (earlier?.signed.version ?? 0) + 1;
    await write("draft/root.json", new Metadata(makeRoot(contents, version, end)));
  }

  async function sign(signer: Signer) {
    const found = await draftMetadata();
    if (found === undefined) throw noDraft();
    const { root, targets, keyring, hasRoot, earlier } = found;
    const [own, before] = [roleOf(root.signed, "root"), earlier && roleOf(earlier.signed, "root")];
    checkMaySign(signer, own, before);
    if (hasRoot) await signMetadata(root, signer);
    if (own.keys.some(({ id }) => id === signer.key)) await signMetadata(targets, signer);
    const standing = standings(found, earlier);
    if (!isComplete(standing)) {
      await write("draft/targets.json", targets);
      if (hasRoot) await write("draft/root.json", root);
      return standing;
    }
    if (hasRoot) await write(`${root.signed.version}.root.json`, root);
    await folder.write(`targets/${digestOf(keyring)}.${targetName}`, keyring);
    await write(`${targets.signed.version}.targets.json`, targets);
    await folder.remove("draft");
    return standing;
  }

  async function refresh(signer: Signer, _: Date, expires: Date) {
    const found = await signedMetadata();
    if (found === undefined) throw nothingSigned();
    const { root, targets } = found;
    checkMayRefresh(signer, roleOf(root.signed, "timestamp"));
    const snapshotVersion = await highestVersion(folder, "snapshot.json");
    const last =
      snapshotVersion === 0 ? undefined : await read(`${snapshotVersion}.snapshot.json`, MetadataKind.Snapshot);
    const isGood =
      last?.signed.meta["targets.json"]?.version === targets.signed.version &&
      isDelegated(root, MetadataKind.Snapshot, last);
    const version = isGood ? snapshotVersion : snapshotVersion + 1;
    if (!isGood) {
      const meta = { "targets.json": new MetaFile({ version: targets.signed.version }) };
      const snapshot = new Metadata(new Snapshot({ version, specVersion, expires: formatTime(ends(found)), meta }));
      await signMetadata(snapshot, signer);
      await write(`${version}.snapshot.json`, snapshot);
    }
    const timestamp = new Metadata(
      new Timestamp({
        version: (await timestampVersion()) + 1,
        specVersion,
        expires: formatTime(expires),
        snapshotMeta: new MetaFile({ version }),
      }),
    );
    await signMetadata(timestamp, signer);
    await write("timestamp.json", timestamp);
  }

  async function timestampVersion(): Promise<number> {
    if ((await folder.read("timestamp.json")) === undefined) return 0;
    return (await read("timestamp.json", MetadataKind.Timestamp)).signed.version;
  }

  async function currentUntil(): Promise<Date | undefined> {
    if ((await folder.read("timestamp.json")) === undefined) return undefined;
    return new Date((await read("timestamp.json", MetadataKind.Timestamp)).signed.expires);
  }

  async function read<Kind extends keyof Kinds>(name: string, kind: Kind): Promise<Metadata<Kinds[Kind]>> {
    const bytes = await folder.read(name);
    if (bytes === undefined) throw refused(`there is no ${name}`);
    // The declarations have one form for each kind and none for all.
    return Metadata.fromJSON(kind as MetadataKind.Root, JSON.parse(bytes.toString())) as unknown as Metadata<
      Kinds[Kind]
    >;
  }

  function write(name: string, metadata: AnyMetadata): Promise<void> {
    return folder.write(name, `${JSON.stringify(metadata.toJSON(), undefined, 2)}\n`);
  }
}

interface Kinds {
  [MetadataKind.Root]: Root;
  [MetadataKind.Targets]: Targets;
  [MetadataKind.Snapshot]: Snapshot;
  [MetadataKind.Timestamp]: Timestamp;
}
type AnyMetadata = Metadata<Root> | Metadata<Targets> | Metadata<Snapshot> | Metadata<Timestamp>;

interface RootAndTargets {
  readonly root: Metadata<Root>;
  readonly targets: Metadata<Targets>;
}

function contentsOf(root: Root, keyring: Buffer): KeyringContents {
  const members = parseMembers(keyring, targetName, keyListLimit);
  members.constant("type", "tspip-keys");
  members.constant("spec", 1);
  const contents = {
    name: members.text("name"),
    roots: roleOf(root, "root"),
    fresh: roleOf(root, "timestamp"),
    ...parseKeys(members),
  };
  members.finish();
  return contents;
}

function roleOf(root: Root, name: "root" | "timestamp"): Role {
  const role = root.roles[name];
  const keys = (role?.keyIDs ?? []).flatMap((id) => root.keys[id] ?? []);
  return { threshold: role?.threshold ?? 0, keys: keys.map(fromTufKey) };
}

function makeRoot({ roots, fresh }: KeyringContents, version: number, expires: string): Root {
  const root = new Root({ version, specVersion, expires, consistentSnapshot: true });
  const roles = { root: roots, targets: roots, snapshot: fresh, timestamp: fresh };
  for (const [name, { keys, threshold }] of Object.entries(roles)) {
    for (const key of keys) root.addKey(toTufKey(key), name);
    const role = root.roles[name];
    if (role !== undefined) Object.assign(role, { threshold });
  }
  return root;
}

/** The root is signed anew when who may sign changes, and in time before it ends. */
function needsRoot({ roots, fresh }: KeyringContents, earlier: Metadata<Root> | undefined, expires: Date): boolean {
  if (earlier === undefined) return true;
  if (new Date(earlier.signed.expires).getTime() < expires.getTime() - rootSlack) return true;
  const text = (role: Role) =>
    JSON.stringify([role.threshold, role.keys.map(({ name, id }) => `${id} ${name}`).sort()]);
  return (
    text(roots) !== text(roleOf(earlier.signed, "root")) || text(fresh) !== text(roleOf(earlier.signed, "timestamp"))
  );
}

function ends({ root, targets }: RootAndTargets): Date {
  return new Date(Math.min(...[root, targets].map(({ signed }) => new Date(signed.expires).getTime())));
}

/** Who has signed all that they have to sign: a draft of the root, where there is one, and the roots it names the rest. */
function standings(draft: RootAndTargets & { readonly hasRoot: boolean }, earlier: Metadata<Root> | undefined) {
  const { root, targets, hasRoot } = draft;
  const [own, before] = [roleOf(root.signed, "root"), earlier && roleOf(earlier.signed, "root")];
  const candidates = [...own.keys, ...(before?.keys ?? [])];
  const hasSigned = (metadata: AnyMetadata, id: KeyId) => {
    const key = toTufKey({ name: "", id });
    try {
      key.verifySignature(metadata);
      return true;
    } catch {
      return false;
    }
  };
  const signers = candidates.filter(({ id }) => {
    const isOwn = own.keys.some((each) => each.id === id);
    return (!hasRoot || hasSigned(root, id)) && (!isOwn || hasSigned(targets, id));
  });
  return standingsOf(new Set(signers.map(({ id }) => id)), own, before);
}

function isDelegated(root: Metadata<Root>, role: MetadataKind, metadata: AnyMetadata): boolean {
  try {
    root.verifyDelegate(role, metadata);
    return true;
  } catch {
    return false;
  }
}
