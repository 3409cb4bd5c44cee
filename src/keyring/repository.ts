import { UsageError } from "../errors.ts";
import type { Signer } from "../signature/sign.ts";
import type { KeyId } from "../trust/key-id.ts";
import type { KeyringContents, Role } from "./key-list.ts";

/** A keyring in the making: a folder that those who hold its keys pass around, and whose files a web server serves. */
export interface KeyringRepository {
  /** What the roots have signed last, whether it was refreshed since or not. */
  signed(): Promise<KeyringVersion | undefined>;
  draft(): Promise<KeyringDraft | undefined>;
  /** Replaces the draft, and takes its signatures away. */
  writeDraft(contents: KeyringContents, issued: Date, expires: Date): Promise<void>;
  /** One signature more. When there are enough, the draft becomes the signed version. @throws UsageError */
  sign(signer: Signer): Promise<readonly Standing[]>;
  /** Says that the signed version is current, and makes it the one that is served. @throws UsageError */
  refresh(signer: Signer, issued: Date, expires: Date): Promise<void>;
  /** Until when what is served is current; nothing when nothing is served yet. */
  currentUntil(): Promise<Date | undefined>;
}

export interface KeyringVersion extends KeyringContents {
  readonly version: number;
  readonly expires: Date;
}

export interface KeyringDraft extends KeyringVersion {
  readonly standings: readonly Standing[];
}

/** How far a draft has come with one role. */
export interface Standing {
  /** `roots`: those that the draft names. `earlier roots`: those of the version before it. */
  readonly role: "roots" | "earlier roots";
  /** Names of those who have signed. */
  readonly signed: readonly string[];
  readonly threshold: number;
}

export function isComplete(standings: readonly Standing[]): boolean {
  return standings.every(({ signed, threshold }) => signed.length >= threshold);
}

/** @param signers the keys whose signatures verify */
export function standingsOf(signers: ReadonlySet<KeyId>, roots: Role, earlier: Role | undefined): readonly Standing[] {
  const standing = (role: Standing["role"], { keys, threshold }: Role): Standing => ({
    role,
    signed: keys.filter(({ id }) => signers.has(id)).map(({ name }) => name),
    threshold,
  });
  return [standing("roots", roots), ...(earlier === undefined ? [] : [standing("earlier roots", earlier)])];
}

/** @throws UsageError `not-a-root` */
export function checkMaySign({ key }: Signer, roots: Role, earlier: Role | undefined): void {
  if ([...roots.keys, ...(earlier?.keys ?? [])].some(({ id }) => id === key)) return;
  const names = roots.keys.map(({ name }) => `"${name}"`).join(", ");
  throw new UsageError("not-a-root", `${key} is no root of this keyring: its roots are ${names}`);
}

/** @throws UsageError `not-fresh` */
export function checkMayRefresh({ key }: Signer, { keys }: Role): void {
  if (keys.some(({ id }) => id === key)) return;
  const names = keys.map(({ name }) => `"${name}"`).join(", ");
  throw new UsageError("not-fresh", `${key} may not refresh this keyring: its fresh keys are ${names}`);
}

/** @throws UsageError `no-draft` */
export function noDraft(): UsageError {
  return new UsageError("no-draft", "There is nothing to sign", {
    hint: "tspip keyring add, or remove, makes a draft",
  });
}

export function nothingSigned(): UsageError {
  return new UsageError("nothing-signed", "There is nothing to refresh yet", {
    hint: "The roots sign first: tspip keyring sign",
  });
}
