import { Key, type Metadata, type Root, Signature, type Snapshot, type Targets, type Timestamp } from "@tufjs/models";
import { digestOf } from "../distribution/digest.ts";
import { derSignature } from "../encoding/der-signature.ts";
import type { Signer } from "../signature/sign.ts";
import { requiredKey } from "../signature/signing-keys.ts";
import { type KeyId, keyIdOfPem, keyOfId } from "../trust/key-id.ts";
import type { NamedKey } from "./key-list.ts";
import { refused } from "./members.ts";

/** What a key is called: TUF has ids only, and people have names. */
const nameField = "x-tspip-name";

/** A key as TUF metadata has it (TUF specification, 4.2): Ed25519 as hex, P-256 as PEM. */
export function toTufKey({ name, id }: NamedKey): Key {
  const { publicKey, spki } = requiredKey(id);
  const parts = id.startsWith("ed25519:")
    ? { keytype: "ed25519", keyval: { public: spki.subarray(-32).toString("hex") }, scheme: "ed25519" }
    : {
        keytype: "ecdsa",
        keyval: { public: publicKey.export({ type: "spki", format: "pem" }).toString() },
        scheme: "ecdsa-sha2-nistp256",
      };
  return new Key({
    // The members are in canonical order, and so is this id: the digest of the key in canonical JSON.
    keyID: digestOf(Buffer.from(JSON.stringify(parts))),
    keyType: parts.keytype,
    scheme: parts.scheme,
    keyVal: parts.keyval,
    unrecognizedFields: { [nameField]: name },
  });
}

/** @throws TrustError for keys of other kinds, and what is no key */
export function fromTufKey({ keyID, keyType, keyVal, unrecognizedFields }: Key): NamedKey {
  const text = keyVal.public ?? "";
  const id = keyType === "ed25519" ? rawId(text) : keyIdOfPem(text);
  if (id === undefined) throw refused(`the TUF key ${keyID} is no Ed25519 or P-256 key`);
  const name = unrecognizedFields?.[nameField];
  return { id, name: typeof name === "string" ? name : keyID.slice(0, 12) };
}

function rawId(hex: string): KeyId | undefined {
  if (!/^[0-9a-f]{64}$/i.test(hex)) return undefined;
  const id: KeyId = `ed25519:${Buffer.from(hex, "hex").toString("base64url")}`;
  return keyOfId(id) && id;
}

/** Adds the signature of `signer`; those there stay. */
export async function signMetadata(
  metadata: Metadata<Root | Targets | Snapshot | Timestamp>,
  signer: Signer,
): Promise<void> {
  const { keyID } = toTufKey({ name: "", id: signer.key });
  let canonical = Buffer.of();
  const before = { ...metadata.signatures };
  // The library signs at once, and a signer may have to be waited for: only its canonical bytes are taken.
  metadata.sign((data) => {
    canonical = Buffer.from(data);
    return new Signature({ keyID, sig: "" });
  });
  const raw = Buffer.from(await signer.sign(canonical));
  const sig = (signer.key.startsWith("ed25519:") ? raw : derSignature(raw)).toString("hex");
  metadata.signatures = { ...before, [keyID]: new Signature({ keyID, sig }) };
}
