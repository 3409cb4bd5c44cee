import type { JsonObject, JsonValue } from "../encoding/json.ts";
import { requiredKey, toJwk } from "../signature/signing-keys.ts";
import type { KeyId } from "../trust/key-id.ts";
import type { KeyringMember, RevokedKey } from "./keyring.ts";
import { formatTime, Members, refused } from "./members.ts";

/** Keys of which `threshold` have to sign. */
export interface Role {
  readonly threshold: number;
  readonly keys: readonly NamedKey[];
}

export interface NamedKey {
  readonly name: string;
  readonly id: KeyId;
}

/** Whose signatures count, and who may say so. */
export interface KeyringContents {
  /** Of the keyring. */
  readonly name: string;
  /** Who decides about all of this. */
  readonly roots: Role;
  /** Who says that it is current, often. */
  readonly fresh: Role;
  readonly members: readonly KeyringMember[];
  readonly revoked: readonly RevokedKey[];
}

/** What the roots sign, rarely. */
export interface KeyList extends KeyringContents {
  readonly version: number;
  readonly issued: Date;
  readonly expires: Date;
}

const listType = "tspip-keys";
/** The `typ` of its signatures. */
export const keyListTyp = "tspip-keys+json";
export const keyListLimit = 256 << 10;

/** The payload of keys.jws, in the plain form. @throws TrustError `keyring-refused` */
export function parseKeyList(members: Members): KeyList {
  members.constant("type", listType);
  members.constant("spec", 1);
  const list = {
    name: members.text("name"),
    version: positive(members.integer("version")),
    issued: members.time("iat"),
    expires: members.time("exp"),
    roots: parseRole(members.inner("roots"), "roots"),
    fresh: parseRole(members.inner("fresh"), "fresh"),
    ...parseKeys(members),
  };
  members.finish();
  return list;
}

export function formatKeyList(list: KeyList): JsonObject {
  return {
    type: listType,
    spec: 1,
    name: list.name,
    version: list.version,
    iat: formatTime(list.issued),
    exp: formatTime(list.expires),
    roots: formatRole(list.roots),
    fresh: formatRole(list.fresh),
    ...formatKeys(list),
  };
}

/** `keys` and `revoked`, which both forms have. */
export function parseKeys(members: Members): Pick<KeyList, "members" | "revoked"> {
  const keys = members.list("keys").map(parseMember);
  checkDistinct(keys, "keys");
  return { members: keys, revoked: members.list("revoked").map((each) => parseRevoked(each)) };
}

export function formatKeys({ members, revoked }: Pick<KeyList, "members" | "revoked">): JsonObject {
  return {
    keys: members.map(({ name, id, role, projects, validFrom, validUntil }) => ({
      name,
      ...(role !== undefined && { role }),
      projects,
      ...(validFrom !== undefined && { "valid-from": formatTime(validFrom) }),
      ...(validUntil !== undefined && { "valid-until": formatTime(validUntil) }),
      jwk: { ...toJwk(requiredKey(id)) },
    })),
    revoked: revoked.map(({ thumbprint, from, reason }) => ({ thumbprint, from: formatTime(from), reason })),
  };
}

function parseMember(value: JsonValue): KeyringMember {
  const members = new Members(value, "a key of the keyring");
  const member = {
    name: members.text("name", 100),
    id: members.key("jwk"),
    ...(members.has("role") && { role: members.text("role", 100) }),
    projects: members.list("projects").map(parseProject),
    ...(members.has("valid-from") && { validFrom: members.time("valid-from") }),
    ...(members.has("valid-until") && { validUntil: members.time("valid-until") }),
  };
  members.finish();
  return member;
}

/** A project in normal form, `PREFIX-*` for all whose names begin so, or `*`. */
export function isProjectGlob(text: string): boolean {
  return /^(?:\*|[a-z0-9]+(?:-[a-z0-9]+)*(?:-\*)?)$/.test(text);
}

function parseProject(value: JsonValue): string {
  if (typeof value === "string" && isProjectGlob(value)) return value;
  throw refused(`${JSON.stringify(value)?.slice(0, 80)} is no project of the keyring: a normal name, "NAME-*" or "*"`);
}

function parseRevoked(value: JsonValue): RevokedKey {
  const members = new Members(value, "a revoked key");
  const revoked = {
    thumbprint: members.text("thumbprint"),
    from: members.time("from"),
    reason: members.text("reason"),
  };
  members.finish();
  return revoked;
}

/** @throws TrustError when no number of keys could meet it, or fewer than one */
export function parseRole(members: Members, what: string): Role {
  const threshold = members.integer("threshold");
  const keys = members.list("keys").map((value) => {
    const inner = new Members(value, `a key of "${what}"`);
    const key = { name: inner.text("name", 100), id: inner.key("jwk") };
    inner.finish();
    return key;
  });
  members.finish();
  const role = { threshold, keys };
  checkRole(role, what);
  return role;
}

/** A threshold of 0 is met by nobody's signature (CVE-2026-23992), and a key under two names would sign for two. */
export function checkRole({ threshold, keys }: Role, what: string): void {
  checkDistinct(keys, what);
  if (threshold < 1 || threshold > keys.length)
    throw refused(`the threshold of "${what}" is ${threshold}, with ${keys.length} keys`);
}

export function formatRole({ threshold, keys }: Role): JsonObject {
  return { threshold, keys: keys.map(({ name, id }) => ({ name, jwk: { ...toJwk(requiredKey(id)) } })) };
}

function checkDistinct(keys: readonly NamedKey[], what: string): void {
  const [ids, names] = [new Set(keys.map(({ id }) => id)), new Set(keys.map(({ name }) => name))];
  if (ids.size < keys.length) throw refused(`"${what}" has a key twice`);
  if (names.size < keys.length) throw refused(`"${what}" has a name twice`);
}

function positive(version: number): number {
  if (version < 1) throw refused(`its version is ${version}`);
  return version;
}
