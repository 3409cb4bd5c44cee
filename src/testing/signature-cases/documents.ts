import { createHash } from "node:crypto";
import { type CaseKey, type CaseKeyName, caseKeys, signRaw } from "./keys.ts";

/**
 * Documents of signatures, sound unless told otherwise; written without the product's own code, so that it does not judge
 * itself.
 */

/** The RECORD that all cases are about. */
const record = "demo/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\ndemo-1.0.dist-info/RECORD,,\n";
export const recordHash = `sha256=${createHash("sha256").update(record).digest("base64url")}`;

/** The file that the detached cases are about. */
export const artifact = {
  filename: "demo-1.0-py3-none-any.whl",
  name: "demo",
  record: recordHash,
  sha256: createHash("sha256").update("the bytes of demo").digest("hex"),
  size: 17,
  version: "1.0",
} as const;

export const b64 = (value: string | Uint8Array) => Buffer.from(value).toString("base64url");
export const json = (value: unknown) => JSON.stringify(value);
export const recordText = json({ hash: recordHash });

export interface EntryForm {
  readonly key?: CaseKeyName;
  /** Members of the protected header in place of `alg` and `kid`. */
  readonly header?: object;
  /** Members besides `alg` and `kid`. */
  readonly more?: object;
  /** The protected header's text. */
  readonly headerText?: string;
  /** What is signed in place of the payload. */
  readonly over?: string;
  /** Bends the signature's bytes. */
  readonly bend?: (signature: Buffer) => Buffer;
}

/** One member of `signatures`. */
export function entry(payloadText: string, form: EntryForm = {}) {
  const key: CaseKey = caseKeys[form.key ?? "alice"];
  const alg = key.jwk.kty === "EC" ? "ES256" : "Ed25519";
  const header = form.headerText ?? json(form.header ?? { alg, kid: key.thumbprint, ...form.more });
  const head = b64(header);
  const raw = signRaw(key, Buffer.from(`${head}.${b64(form.over ?? payloadText)}`));
  return { protected: head, signature: b64(form.bend?.(raw) ?? raw) };
}

/** General serialization (RFC 7515, 7.2.1). */
export function general(payloadText: string, ...forms: readonly EntryForm[]) {
  return { payload: b64(payloadText), signatures: forms.map((form) => entry(payloadText, form)) };
}

const publicBytes = (name: CaseKeyName) => caseKeys[name].jwk.x ?? "";

/** As wheel 0.16 to 0.31.1 wrote it (`wheel sign`): Python's JSON, with blanks behind `:` and `,`. */
export function legacyEntry(payloadText: string, name: CaseKeyName, kind: "kty" | "alg" = "kty", signer = name) {
  const head = b64(`{"alg": "Ed25519", "jwk": {"${kind}": "Ed25519", "vk": "${publicBytes(name)}"}}`);
  return { header: head, signature: b64(signRaw(caseKeys[signer], Buffer.from(`${head}.${b64(payloadText)}`))) };
}

export const legacyPayload = `{"hash": "${recordHash}"}`;

export function legacy(kind: "kty" | "alg", ...names: readonly CaseKeyName[]) {
  return { payload: b64(legacyPayload), recipients: names.map((name) => legacyEntry(legacyPayload, name, kind)) };
}

/** As wheel 0.9 to 0.13 wrote it. */
export function oldest(...names: readonly CaseKeyName[]) {
  const heads = names.map((name) =>
    b64(`{"alg": "Ed25519", "key": {"alg": "Ed25519", "vk": "${publicBytes(name)}"}, "typ": "JWT"}`),
  );
  const signatures = names.map((name, at) =>
    b64(signRaw(caseKeys[name], Buffer.from(`${heads[at]}.${b64(legacyPayload)}`))),
  );
  return { headers: heads, payload: b64(legacyPayload), signatures };
}

/** The payload of a detached document, with members bent. */
export function artifactText(bent: object = {}): string {
  return json({ ...artifact, ...bent });
}

/** A detached document: its entries carry the type. */
export function detached(payloadText: string, ...forms: readonly EntryForm[]) {
  const typed = forms.map((form) => ({ ...form, more: { typ: "tspip-artifact+json", ...form.more } }));
  return general(payloadText, ...typed);
}
