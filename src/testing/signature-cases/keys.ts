import { createECDH, createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { type KeyId, keyIdOf } from "../../trust/key-id.ts";
import { importKey } from "../../trust/verification-key.ts";

/** A key of the cases. Everybody can make it: nobody must ever trust it. */
export interface CaseKey {
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly id: KeyId;
  readonly jwk: Readonly<Record<string, string>>;
  /** RFC 7638. */
  readonly thumbprint: string;
}

function seedOf(name: string): Buffer {
  return createHash("sha256").update(`tspip signature case ${name}`).digest();
}

function caseKey(name: string, privateKey: KeyObject): CaseKey {
  const publicKey = createPublicKey(privateKey);
  const id = keyIdOf(importKey(publicKey.export({ type: "spki", format: "der" })));
  if (id === undefined) throw new Error(`${name} is no key that wheels are signed with`);
  const { crv = "", kty = "", x = "", y } = publicKey.export({ format: "jwk" });
  const jwk = { crv, kty, x, ...(y !== undefined && { y }) };
  return {
    name,
    privateKey,
    id,
    jwk,
    thumbprint: createHash("sha256").update(JSON.stringify(jwk)).digest("base64url"),
  };
}

function edKey(name: string): CaseKey {
  const head = Buffer.from("302e020100300506032b657004220420", "hex");
  const key = Buffer.concat([head, seedOf(name)]);
  return caseKey(name, createPrivateKey({ key, format: "der", type: "pkcs8" }));
}

function ecKey(name: string): CaseKey {
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(seedOf(name));
  const point = curve.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString("base64url"));
  const jwk = { kty: "EC", crv: "P-256", d: seedOf(name).toString("base64url"), x: x ?? "", y: y ?? "" };
  return caseKey(name, createPrivateKey({ key: jwk, format: "jwk" }));
}

/** Trusted in every case: alice, bob and carol by Ed25519, dave by P-256. Mallory and eve are nobody's. */
export const caseKeys = {
  alice: edKey("alice"),
  bob: edKey("bob"),
  carol: edKey("carol"),
  dave: ecKey("dave"),
  mallory: edKey("mallory"),
  eve: ecKey("eve"),
} as const;
export type CaseKeyName = keyof typeof caseKeys;
export const trustedNames = ["alice", "bob", "carol", "dave"] as const;

/** Ed25519, or r and s of ECDSA over SHA-256. */
export function signRaw({ privateKey }: CaseKey, data: Uint8Array): Buffer {
  return privateKey.asymmetricKeyType === "ed25519"
    ? sign(null, data, privateKey)
    : sign("sha256", data, { key: privateKey, dsaEncoding: "ieee-p1363" });
}
