import { digestOf } from "../distribution/digest.ts";
import { SignatureError } from "../errors.ts";
import { parseSignedDocument } from "../signature/jws.ts";
import { signingKeys } from "../signature/signing-keys.ts";
import { verifySignatures } from "../signature/verify.ts";
import { type KeyList, keyListLimit, keyListTyp, parseKeyList, type Role } from "./key-list.ts";
import type { Keyring } from "./keyring.ts";
import { expired, formatTime, parseMembers, refused } from "./members.ts";
import { type CurrentStatement, parseStatement, statementLimit, statementTyp } from "./statement.ts";

/** Whom the user trusts to begin with, from a file that came by a way of its own. */
export interface PlainPin {
  readonly name: string;
  readonly roots: Role;
  /** The version of the list when it was pinned: under a pin with other roots, this alone is left of what was accepted. */
  readonly version?: number;
  /** How long a statement may be good for, in milliseconds: the longest that a stolen list can be held up. */
  readonly maxLifetime: number;
}

/** What was accepted last. It only moves forward. */
export interface PlainState {
  readonly keys: Uint8Array;
  /** When the statement that was accepted last was issued. */
  readonly issued: Date;
}

/** What a source offers now. */
export interface PlainOffer {
  readonly keys: Uint8Array;
  readonly current: Uint8Array;
  /** Key lists between the accepted one and `keys`, in order of version; needed where roots changed more than once. */
  readonly between?: readonly Uint8Array[];
}

/** How far another's clock may be ahead of ours. */
const skew = 5 * 60_000;

/**
 * Checks an offered pair of documents against what was accepted before. What it returns is to be stored only as a whole.
 * @throws TrustError `keyring-refused` for what is not signed as it has to be, or older than what was accepted;
 *   `keyring-expired` for what is sound and no longer current
 */
export function verifyPlain(
  offer: PlainOffer,
  state: PlainState | undefined,
  pin: PlainPin,
  now: Date,
): { readonly keyring: Keyring; readonly state: PlainState } {
  const list = verifyLists([...(offer.between ?? []), offer.keys], state?.keys, pin);
  const statement = verifyStatement(offer, list, pin);
  if (state !== undefined && statement.issued < state.issued)
    throw refused(
      `current.jws of ${formatTime(statement.issued)} is older than the one of ${formatTime(state.issued)}`,
    );
  checkTimes(list, statement, pin, now);
  return { keyring: toKeyring(list, statement), state: { keys: offer.keys, issued: statement.issued } };
}

/** Each list by the roots of the one before it, and by its own: those who leave say who comes, and those who come agree. */
function verifyLists(documents: readonly Uint8Array[], accepted: Uint8Array | undefined, pin: PlainPin): KeyList {
  let last = accepted === undefined ? undefined : readKeyList(accepted);
  let bytes = accepted;
  for (const document of documents) {
    const next = readKeyList(document);
    if (next.name !== pin.name) throw refused(`keys.jws is of "${next.name}", not of "${pin.name}"`);
    if (last !== undefined && next.version < last.version)
      throw refused(`keys.jws has version ${next.version}, and version ${last.version} was there before`);
    if (last !== undefined && next.version === last.version && bytes !== undefined && !sameBytes(bytes, document))
      throw refused(`keys.jws has version ${next.version} as before, and other contents`);
    checkSigned(document, keyListTyp, last?.roots ?? pin.roots, "keys.jws", "the roots known so far");
    checkSigned(document, keyListTyp, next.roots, "keys.jws", "its own roots");
    last = next;
    bytes = document;
  }
  if (last === undefined) throw refused("there is no keys.jws");
  const { version: least = 1 } = pin;
  if (last.version < least) throw refused(`keys.jws has version ${last.version}, and version ${least} is pinned`);
  return last;
}

function verifyStatement({ keys, current }: PlainOffer, list: KeyList, pin: PlainPin): CurrentStatement {
  const statement = parseStatement(
    parseMembers(payloadOf(current, "current.jws", statementLimit), "current.jws", statementLimit),
  );
  if (statement.name !== pin.name) throw refused(`current.jws is of "${statement.name}", not of "${pin.name}"`);
  checkSigned(current, statementTyp, list.fresh, "current.jws", "the fresh keys");
  if (statement.keysVersion !== list.version)
    throw refused(
      `current.jws is about version ${statement.keysVersion} of keys.jws, there is version ${list.version}`,
    );
  if (statement.keysSha256 !== digestOf(keys)) throw refused("current.jws is about another keys.jws");
  return statement;
}

function checkTimes(list: KeyList, { issued, expires }: CurrentStatement, pin: PlainPin, now: Date): void {
  if (issued.getTime() > now.getTime() + skew)
    throw refused(`current.jws is of ${formatTime(issued)}, which is to come`);
  if (expires.getTime() - issued.getTime() > pin.maxLifetime)
    throw refused(`current.jws is good for longer than ${pin.maxLifetime / 3_600_000} hours`);
  if (now >= expires) throw expired(`current.jws was good until ${formatTime(expires)}`);
  if (now >= list.expires) throw expired(`keys.jws was good until ${formatTime(list.expires)}`);
}

/** @throws TrustError `keyring-refused` when fewer different keys of `role` have signed than it asks for */
function checkSigned(document: Uint8Array, typ: string, role: Role, what: string, whose: string): void {
  const fates = verifySignatures(
    parse(document, what, keyListLimit),
    signingKeys(role.keys.map(({ id }) => id)),
    (have) => have === typ,
  );
  const signers = new Set(fates.flatMap((fate) => (fate.fate === "verified" ? [fate.key] : [])));
  if (signers.size < role.threshold)
    throw refused(`${what} is signed by ${signers.size} of ${whose}, ${role.threshold} are needed`);
}

export function readKeyList(document: Uint8Array): KeyList {
  return parseKeyList(parseMembers(payloadOf(document, "keys.jws", keyListLimit), "keys.jws", keyListLimit));
}

function payloadOf(document: Uint8Array, what: string, limit: number): Buffer {
  return parse(document, what, limit).payload;
}

function parse(document: Uint8Array, what: string, limit: number) {
  if (document.length > limit) throw refused(`${what} has ${document.length} bytes, more than ${limit}`);
  try {
    return parseSignedDocument(document);
  } catch (error) {
    if (error instanceof SignatureError) throw refused(`${what} of the keyring: ${error.message}`);
    throw error;
  }
}

function toKeyring({ name, version, members, revoked, expires }: KeyList, statement: CurrentStatement): Keyring {
  const currentUntil = statement.expires < expires ? statement.expires : expires;
  return { name, version, members, revoked, currentUntil };
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.from(one).equals(other);
}
