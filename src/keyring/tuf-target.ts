import { formatKeys, type KeyringContents, keyListLimit, parseKeys } from "./key-list.ts";
import { parseMembers } from "./members.ts";

/** The target of a TUF keyring, which lists its keys. Who decides about them, and who refreshes it, the root says. */

export const targetName = "keyring.json";

const targetType = "tspip-keys";

/** @throws TrustError `keyring-refused` */
export function parseTarget(bytes: Uint8Array): Pick<KeyringContents, "name" | "members" | "revoked"> {
  const members = parseMembers(bytes, targetName, keyListLimit);
  members.constant("type", targetType);
  members.constant("spec", 1);
  const target = { name: members.text("name"), ...parseKeys(members) };
  members.finish();
  return target;
}

export function formatTarget(contents: KeyringContents): Buffer {
  const target = { type: targetType, spec: 1, name: contents.name, ...formatKeys(contents) };
  return Buffer.from(`${JSON.stringify(target, undefined, 2)}\n`);
}
