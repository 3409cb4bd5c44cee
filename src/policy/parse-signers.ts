import { keyIdOf, keyIdOfPem, keyOfId } from "../trust/key-id.ts";
import { parsePublisher, publisherKinds } from "./parse-publisher.ts";
import type { KeyReference, PolicySigner, SignerCondition, TrustSettings } from "./policy.ts";
import { signerMeaning } from "./principal.ts";
import type { TableReader } from "./table-reader.ts";

/** What a name stands for; nothing when its definition has mistakes, so that its uses are not mistakes too. */
export type Named = ReadonlyMap<string, SignerCondition | undefined>;

const signerKinds = [...publisherKinds, "key"] as const;

/** `[signers.NAME]` of all files, each as a group of one. */
export function parseSigners(tables: readonly TableReader[], keyring: TrustSettings["keyring"]): Named {
  const signers = new Map<string, SignerCondition | undefined>();
  const nameOf = new Map<string, string>();
  for (const [name, reader] of tables.flatMap((table) => table.namedTables("signer"))) {
    if (signers.has(name)) reader.wrongHere(`another file has a [signers.${name}] too`);
    const signer = parseSigner(name, reader, keyring);
    reader.finish();
    if (signer === undefined) {
      signers.set(name, undefined);
      continue;
    }
    // Under two names, one signer could fill two places of a group.
    const meaning = signerMeaning(signer);
    const earlier = nameOf.get(meaning);
    if (earlier !== undefined)
      reader.wrongHere(`signer "${name}" is the same as signer "${earlier}": a signer has one name`);
    nameOf.set(meaning, earlier ?? name);
    signers.set(name, { name: `signer "${name}"`, members: [signer], threshold: 1, distinctBy: "identity" });
  }
  return signers;
}

function parseSigner(name: string, table: TableReader, keyring: TrustSettings["keyring"]): PolicySigner | undefined {
  if (!table.has("kind")) table.missing("kind", `it is one of ${signerKinds.join(", ")}`);
  const kind = table.choice("kind", signerKinds);
  // Which other keys there are depends on the kind: nothing can be said of them.
  if (kind === undefined) return table.skipRest();
  if (kind === "key") {
    const key = parseKey(table, keyring);
    return key && { kind: "key", name, key };
  }
  const publisher = parsePublisher(table, kind);
  return publisher && { kind: "publisher", name, publisher };
}

const keyWords = '"ed25519:" or "p256:" and its bytes in base64url without padding';

/** A key as its name or as PEM, or a key id of the keyring. */
function parseKey(table: TableReader, keyring: TrustSettings["keyring"]): KeyReference | undefined {
  if (!table.has("key"))
    return table.missing("key", `it is ${keyWords}, a public key as PEM, or a key id in the keyring`);
  const text = table.text("key");
  if (text === undefined) return undefined;
  if (text.includes("-----BEGIN")) return parsePem(table, text);
  if (text.includes(":")) {
    const key = keyOfId(text);
    const id = key && keyIdOf(key);
    if (id !== undefined) return { kind: "public-key", id };
    return table.wrong("key", `"${text}" is no public key, expected ${keyWords}`);
  }
  if (!/^[\w.-]+$/.test(text))
    return table.wrong("key", `"${text}" is neither a public key nor a key id in the keyring`);
  if (keyring !== undefined) return { kind: "keyring", id: text };
  return table.wrong("key", `there is no [trust] keyring that has a key "${text}"; a key itself is ${keyWords}`);
}

function parsePem(table: TableReader, text: string): KeyReference | undefined {
  if (text.includes("PRIVATE KEY"))
    return table.wrong(
      "key",
      "this is a private key, and no longer a secret: make a new one, and write its public key",
    );
  const id = keyIdOfPem(text);
  if (id !== undefined) return { kind: "public-key", id };
  return table.wrong("key", 'this is not the PEM text of one "PUBLIC KEY" for Ed25519 or P-256');
}
