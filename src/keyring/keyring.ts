import { globMatches } from "../distribution/glob.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import { thumbprintOf } from "../signature/signing-keys.ts";
import type { KeyId } from "../trust/key-id.ts";
import { formatTime } from "./members.ts";

/**
 * Which keys are current: what a source showed at a time, signed by its roots and unexpired. A key counts because
 * somebody says now that it does, and not because nobody has told us of its theft.
 */
export interface Keyring {
  readonly name: string;
  readonly version: number;
  readonly members: readonly KeyringMember[];
  readonly revoked: readonly RevokedKey[];
  /** The first moment at which it no longer shows that its keys are current. */
  readonly currentUntil: Date;
}

export interface KeyringMember {
  readonly name: string;
  readonly id: KeyId;
  /** What part the keyring gives the member; for people. */
  readonly role?: string;
  /** Normal names of projects whose files the key may sign; `*` stands for any run of characters. */
  readonly projects: readonly string[];
  readonly validFrom?: Date;
  readonly validUntil?: Date;
}

export interface RevokedKey {
  /** RFC 7638: the key itself need not be known any more. */
  readonly thumbprint: string;
  readonly from: Date;
  readonly reason: string;
}

/**
 * What a keyring says of a key. `past`: not of today. `stranger`: nothing, or nothing about this project. `name`: what it
 * calls the key, where it has it.
 */
export type Currency =
  | { readonly state: "current"; readonly name: string }
  | { readonly state: "revoked" | "past" | "stranger"; readonly name?: string; readonly reason: string };

/** Whether a key of that thumbprint was revoked, and why. */
export function revocationOf({ revoked }: Keyring, thumbprint: string): string | undefined {
  const found = revoked.find((each) => each.thumbprint === thumbprint);
  return found && `revoked from ${formatTime(found.from)}: ${found.reason}`;
}

/**
 * Whether `id` may sign files of `project` now. A revoked key stays so for what was signed before, too: a signature by a
 * key carries no time that its thief could not write.
 */
export function currencyOf(keyring: Keyring, id: KeyId, project: ProjectName, now: Date): Currency {
  const member = keyring.members.find((each) => each.id === id);
  const revocation = revocationOf(keyring, thumbprintOf(id));
  if (revocation !== undefined) return { state: "revoked", ...(member && { name: member.name }), reason: revocation };
  if (member === undefined) return { state: "stranger", reason: `keyring "${keyring.name}" does not have it` };
  const { name, projects, validFrom, validUntil } = member;
  if (!projects.some((glob) => globMatches(glob, project)))
    return {
      state: "stranger",
      name,
      reason: `keyring "${keyring.name}" has it as "${name}", which does not sign "${project}"`,
    };
  if (validFrom !== undefined && now < validFrom)
    return { state: "past", name, reason: `"${name}" is valid from ${formatTime(validFrom)} on` };
  if (validUntil !== undefined && now >= validUntil)
    return { state: "past", name, reason: `"${name}" was valid until ${formatTime(validUntil)}` };
  return { state: "current", name };
}
