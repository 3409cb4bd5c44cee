import { digestOf } from "../distribution/digest.ts";
import { parseSignedDocument } from "../signature/jws.ts";
import { addSignature, type Signer, signDocument } from "../signature/sign.ts";
import { signingKeys } from "../signature/signing-keys.ts";
import { verifySignatures } from "../signature/verify.ts";
import type { KeyId } from "../trust/key-id.ts";
import { formatKeyList, type KeyList, keyListLimit, keyListTyp, parseKeyList, type Role } from "./key-list.ts";
import { parseMembers } from "./members.ts";
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
import { formatStatement, parseStatement, statementLimit, statementTyp } from "./statement.ts";
import { readKeyList } from "./verify-plain.ts";

/**
 * The plain form: `N.keys.jws`, each list as the roots signed it; `keys.jws`, the one that is served; `current.jws`, which
 * says that it is current. `draft.json` is what the roots read before they sign, byte for byte what they sign.
 */
export function plainRepository(folder: RepositoryFolder): KeyringRepository {
  return { signed, draft, writeDraft, sign, refresh, currentUntil };

  async function signed(): Promise<KeyList | undefined> {
    const bytes = await signedBytes();
    return bytes && readKeyList(bytes);
  }

  async function signedBytes(): Promise<Buffer | undefined> {
    const version = await highestVersion(folder, "keys.jws");
    return version === 0 ? undefined : folder.read(`${version}.keys.jws`);
  }

  async function draft() {
    const bytes = await folder.read("draft.json");
    if (bytes === undefined) return undefined;
    const list = parseKeyList(parseMembers(bytes, "draft.json", keyListLimit));
    const earlier = (await signed())?.roots;
    const document = await draftDocument(bytes);
    return { ...list, standings: standingsOf(signersOf(document, list.roots, earlier), list.roots, earlier) };
  }

  /** Signatures of what the draft was before somebody changed it are none. */
  async function draftDocument(payload: Buffer): Promise<Buffer | undefined> {
    const document = await folder.read("draft.jws");
    return document !== undefined && parseSignedDocument(document).payload.equals(payload) ? document : undefined;
  }

  async function writeDraft(contents: Parameters<KeyringRepository["writeDraft"]>[0], issued: Date, expires: Date) {
    const version = (await highestVersion(folder, "keys.jws")) + 1;
    await folder.remove("draft.jws");
    await folder.write(
      "draft.json",
      `${JSON.stringify(formatKeyList({ ...contents, version, issued, expires }), undefined, 2)}\n`,
    );
  }

  async function sign(signer: Signer) {
    const payload = await folder.read("draft.json");
    if (payload === undefined) throw noDraft();
    const list = parseKeyList(parseMembers(payload, "draft.json", keyListLimit));
    const earlier = (await signed())?.roots;
    checkMaySign(signer, list.roots, earlier);
    const before = await draftDocument(payload);
    const document =
      before === undefined
        ? await signDocument(payload, keyListTyp, signer)
        : await addSignature(before, keyListTyp, signer);
    const standings = standingsOf(signersOf(document, list.roots, earlier), list.roots, earlier);
    if (!isComplete(standings)) {
      await folder.write("draft.jws", document);
      return standings;
    }
    await folder.write(`${list.version}.keys.jws`, document);
    for (const name of ["draft.jws", "draft.json"]) await folder.remove(name);
    return standings;
  }

  async function refresh(signer: Signer, issued: Date, expires: Date) {
    const keys = await signedBytes();
    if (keys === undefined) throw nothingSigned();
    const { name, version, fresh } = readKeyList(keys);
    checkMayRefresh(signer, fresh);
    const statement = formatStatement({ name, keysVersion: version, keysSha256: digestOf(keys), issued, expires });
    const document = await signDocument(Buffer.from(JSON.stringify(statement)), statementTyp, signer);
    await folder.write("keys.jws", keys);
    await folder.write("current.jws", document);
  }

  async function currentUntil(): Promise<Date | undefined> {
    const document = await folder.read("current.jws");
    if (document === undefined) return undefined;
    const { payload } = parseSignedDocument(document);
    return parseStatement(parseMembers(payload, "current.jws", statementLimit)).expires;
  }
}

function signersOf(document: Buffer | undefined, roots: Role, earlier: Role | undefined): ReadonlySet<KeyId> {
  if (document === undefined) return new Set();
  const keys = signingKeys([...roots.keys, ...(earlier?.keys ?? [])].map(({ id }) => id));
  const fates = verifySignatures(parseSignedDocument(document), keys, (typ) => typ === keyListTyp);
  return new Set(fates.flatMap((fate) => (fate.fate === "verified" ? [fate.key] : [])));
}
