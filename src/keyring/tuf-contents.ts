import { type Metadata, type MetadataKind, Root, type Targets } from "@tufjs/models";
import type { KeyId } from "../trust/key-id.ts";
import type { KeyringContents, Role } from "./key-list.ts";
import { standingsOf } from "./repository.ts";
import type { AnyMetadata } from "./tuf-folder.ts";
import { fromTufKey, toTufKey } from "./tuf-keys.ts";
import { parseTarget } from "./tuf-target.ts";

/** What the metadata of a TUF keyring says, and who has signed it. */

export const specVersion = "1.0.31";

/** How much earlier than the rest of a draft the root may end before it is made anew, too. */
const rootSlack = 30 * 86_400_000;

export interface RootAndTargets {
  readonly root: Metadata<Root>;
  readonly targets: Metadata<Targets>;
}

export function contentsOf(root: Root, keyring: Buffer): KeyringContents {
  return { roots: roleOf(root, "root"), fresh: roleOf(root, "timestamp"), ...parseTarget(keyring) };
}

export function roleOf(root: Root, name: "root" | "timestamp"): Role {
  const role = root.roles[name];
  const keys = (role?.keyIDs ?? []).flatMap((id) => root.keys[id] ?? []);
  return { threshold: role?.threshold ?? 0, keys: keys.map(fromTufKey) };
}

export function makeRoot({ roots, fresh }: KeyringContents, version: number, expires: string): Root {
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
export function needsRoot(
  { roots, fresh }: KeyringContents,
  earlier: Metadata<Root> | undefined,
  expires: Date,
): boolean {
  if (earlier === undefined) return true;
  if (new Date(earlier.signed.expires).getTime() < expires.getTime() - rootSlack) return true;
  const text = (role: Role) =>
    JSON.stringify([role.threshold, role.keys.map(({ name, id }) => `${id} ${name}`).sort()]);
  return (
    text(roots) !== text(roleOf(earlier.signed, "root")) || text(fresh) !== text(roleOf(earlier.signed, "timestamp"))
  );
}

export function ends({ root, targets }: RootAndTargets): Date {
  return new Date(Math.min(...[root, targets].map(({ signed }) => new Date(signed.expires).getTime())));
}

/** Who has signed all that they have to sign: a draft of the root, where there is one, and the roots it names the rest. */
export function standings(draft: RootAndTargets & { readonly hasRoot: boolean }, earlier: Metadata<Root> | undefined) {
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

export function isDelegated(root: Metadata<Root>, role: MetadataKind, metadata: AnyMetadata): boolean {
  try {
    root.verifyDelegate(role, metadata);
    return true;
  } catch {
    return false;
  }
}
