import { Metadata, MetadataKind, MetaFile, Snapshot, TargetFile, Targets, Timestamp } from "@tufjs/models";
import { digestOf } from "../distribution/digest.ts";
import type { Signer } from "../signature/sign.ts";
import type { KeyringContents } from "./key-list.ts";
import { formatTime, refused } from "./members.ts";
import {
  checkMayRefresh,
  checkMaySign,
  isComplete,
  type KeyringRepository,
  noDraft,
  nothingSigned,
} from "./repository.ts";
import { highestVersion, type RepositoryFolder } from "./repository-folder.ts";
import {
  contentsOf,
  ends,
  isDelegated,
  makeRoot,
  needsRoot,
  type RootAndTargets,
  roleOf,
  specVersion,
  standings,
} from "./tuf-contents.ts";
import { metadataFolder } from "./tuf-folder.ts";
import { signMetadata } from "./tuf-keys.ts";
import { formatTarget, targetName } from "./tuf-target.ts";

/**
 * The TUF form (theupdateframework.github.io): the roots sign `N.root.json` and `N.targets.json`, the fresh keys
 * `N.snapshot.json` and `timestamp.json`; the keys are the target `keyring.json`. The draft lies in `draft/`.
 */
export function tufRepository(folder: RepositoryFolder): KeyringRepository {
  const { find, read, newest, write } = metadataFolder(folder);
  return { signed, draft, writeDraft, sign, refresh, currentUntil };

  async function signed() {
    const found = await signedMetadata();
    return found && versionOf(found);
  }

  async function signedMetadata() {
    const [targets, root] = [await newest(MetadataKind.Targets), await newest(MetadataKind.Root)];
    if (targets === undefined || root === undefined) return undefined;
    const hash = targets.signed.targets[targetName]?.hashes.sha256;
    const keyring = await folder.read(`targets/${hash}.${targetName}`);
    if (keyring === undefined || digestOf(keyring) !== hash)
      throw refused(`there is no target ${targetName} as it was signed`);
    return { root, targets, keyring };
  }

  async function draft() {
    const found = await draftMetadata();
    return found && { ...versionOf(found), standings: standings(found, found.earlier) };
  }

  async function draftMetadata() {
    const keyring = await folder.read(`draft/${targetName}`);
    if (keyring === undefined) return undefined;
    const targets = await read("draft/targets.json", MetadataKind.Targets);
    const own = await find("draft/root.json", MetadataKind.Root);
    const earlier = await newest(MetadataKind.Root);
    const root = own ?? earlier;
    if (root === undefined) throw refused("the draft has no root");
    const hasRoot = own !== undefined;
    return { root, targets, keyring, hasRoot, earlier: hasRoot ? earlier : undefined };
  }

  async function writeDraft(contents: KeyringContents, _: Date, expires: Date) {
    const earlier = await newest(MetadataKind.Root);
    const keyring = formatTarget(contents);
    const version = (await highestVersion(folder, "targets.json")) + 1;
    const targets = new Targets({ version, specVersion, expires: formatTime(expires) });
    const hashes = { sha256: digestOf(keyring) };
    targets.addTarget(new TargetFile({ path: targetName, length: keyring.length, hashes }));
    await folder.remove("draft");
    await folder.write(`draft/${targetName}`, keyring);
    await write("draft/targets.json", new Metadata(targets));
    if (!needsRoot(contents, earlier, expires)) return;
    const root = makeRoot(contents, (earlier?.signed.version ?? 0) + 1, formatTime(expires));
    await write("draft/root.json", new Metadata(root));
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
    checkMayRefresh(signer, roleOf(found.root.signed, "timestamp"));
    const snapshotMeta = new MetaFile({ version: await snapshotVersion(found, signer) });
    const version = ((await findTimestamp())?.signed.version ?? 0) + 1;
    const timestamp = new Metadata(new Timestamp({ version, specVersion, expires: formatTime(expires), snapshotMeta }));
    await signMetadata(timestamp, signer);
    await write("timestamp.json", timestamp);
  }

  /** Of the snapshot that lists these targets: the last one, where it does and still counts, else one that is made now. */
  async function snapshotVersion(found: RootAndTargets, signer: Signer): Promise<number> {
    const { version: targetsVersion } = found.targets.signed;
    const last = await newest(MetadataKind.Snapshot);
    const isGood =
      last?.signed.meta["targets.json"]?.version === targetsVersion &&
      isDelegated(found.root, MetadataKind.Snapshot, last);
    if (isGood) return last.signed.version;
    const version = (await highestVersion(folder, "snapshot.json")) + 1;
    const meta = { "targets.json": new MetaFile({ version: targetsVersion }) };
    const snapshot = new Metadata(new Snapshot({ version, specVersion, expires: formatTime(ends(found)), meta }));
    await signMetadata(snapshot, signer);
    await write(`${version}.snapshot.json`, snapshot);
    return version;
  }

  async function currentUntil(): Promise<Date | undefined> {
    const timestamp = await findTimestamp();
    return timestamp && new Date(timestamp.signed.expires);
  }

  function findTimestamp(): Promise<Metadata<Timestamp> | undefined> {
    return find("timestamp.json", MetadataKind.Timestamp);
  }
}

function versionOf(found: RootAndTargets & { readonly keyring: Buffer }) {
  const { root, targets, keyring } = found;
  return { ...contentsOf(root.signed, keyring), version: targets.signed.version, expires: ends(found) };
}
