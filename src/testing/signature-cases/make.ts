import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import {
  artifact,
  artifactText,
  b64,
  detached,
  type EntryForm,
  entry,
  general,
  json,
  legacy,
  legacyEntry,
  legacyPayload,
  oldest,
  recordHash,
  recordText,
} from "./documents.ts";
import { type CaseKeyName, caseKeys } from "./keys.ts";

/**
 * `node src/testing/signature-cases/make.ts` writes testdata/signature: documents of signatures that somebody could put
 * beside a file, or in it, and what each of them is worth. ECDSA draws at random, so those files differ each time.
 */

/** Whose signatures count; or why the whole document is refused. */
type Expected = readonly CaseKeyName[] | "signature-unreadable" | "signature-subject-mismatch";
interface Case {
  readonly name: string;
  readonly why: string;
  readonly place: "record" | "detached";
  readonly document: string | Uint8Array;
  readonly expect: Expected;
}

const cases: Case[] = [];
const add = (name: string, why: string, document: unknown, expect: Expected, place: Case["place"] = "record") => {
  const text = typeof document === "string" || document instanceof Uint8Array ? document : json(document);
  cases.push({ name, why, place, document: text, expect });
};
/** One entry of alice's that is bent, beside a sound one of bob's, which must count. */
const beside = (name: string, why: string, bent: EntryForm) =>
  add(name, why, general(recordText, bent, { key: "bob" }), ["bob"]);
const alg = (value: unknown, key: CaseKeyName = "alice"): EntryForm => ({
  key,
  header: { alg: value, kid: caseKeys[key].thumbprint },
});
const unreadable = "signature-unreadable";
const mismatch = "signature-subject-mismatch";
const hmac = (secret: Uint8Array | string) => (head: string, payload: string) =>
  createHash("sha256").update(secret).update(`${head}.${payload}`).digest("base64url");

// Sound documents: what must be accepted in spite of its looks.
add("general-one", "one signature in general form", general(recordText, {}), ["alice"]);
add(
  "general-four",
  "four keys, two algorithms",
  general(recordText, {}, { key: "bob" }, { key: "carol" }, { key: "dave" }),
  ["alice", "bob", "carol", "dave"],
);
add("flattened", "flattened form (RFC 7515, 7.2.2)", { payload: b64(recordText), ...entry(recordText) }, ["alice"]);
add("alg-eddsa", "the older name of the algorithm (RFC 8037)", general(recordText, alg("EdDSA")), ["alice"]);
add("legacy-2", "as wheel 0.16 to 0.31.1 wrote it", legacy("kty", "alice"), ["alice"]);
add("legacy-2-three", "three entries of wheel 0.31.1, joined", legacy("kty", "alice", "bob", "carol"), [
  "alice",
  "bob",
  "carol",
]);
add("legacy-1", "as wheel 0.14 and 0.15 wrote it", legacy("alg", "alice", "bob"), ["alice", "bob"]);
add("legacy-0", "as wheel 0.9 to 0.13 wrote it", oldest("alice", "bob"), ["alice", "bob"]);
add(
  "no-kid",
  "nothing says which key: all that are trusted are tried",
  general(recordText, { header: { alg: "Ed25519" } }),
  ["alice"],
);
add(
  "kid-of-its-own",
  "a key id in words of another tool",
  general(recordText, { header: { alg: "Ed25519", kid: "release key" } }),
  ["alice"],
);
add(
  "kid-is-our-id",
  "a key id as policies spell keys",
  general(recordText, { header: { alg: "Ed25519", kid: caseKeys.alice.id } }),
  ["alice"],
);
add(
  "kid-unprotected",
  "the key id in the unprotected header, where it is not covered",
  {
    payload: b64(recordText),
    signatures: [{ ...entry(recordText, { header: { alg: "Ed25519" } }), header: { kid: caseKeys.bob.thumbprint } }],
  },
  ["alice"],
);
add(
  "jwk-of-signer",
  "the header holds the key that is trusted anyway",
  general(recordText, { header: { alg: "Ed25519", jwk: caseKeys.alice.jwk } }),
  ["alice"],
);
add(
  "jwk-p256-of-signer",
  "the same for P-256",
  general(recordText, { key: "dave", header: { alg: "ES256", jwk: caseKeys.dave.jwk } }),
  ["dave"],
);
add(
  "header-with-blanks",
  "blanks in the header's JSON: what was received is what is verified",
  general(recordText, { headerText: `{ "alg" : "Ed25519" ,\n "kid" : "${caseKeys.alice.thumbprint}" }` }),
  ["alice"],
);
add(
  "header-unknown-members",
  "members that nobody knows (RFC 7515, 4: ignored)",
  general(recordText, { more: { cty: "x", "http://example.org/": [1] } }),
  ["alice"],
);
add("typ-jose", "a type that RFC 7515 names", general(recordText, { more: { typ: "JOSE+JSON" } }), ["alice"]);
add(
  "document-unknown-members",
  "members besides (RFC 7515, 7.2.1: ignored)",
  { comment: "x", ...general(recordText, {}) },
  ["alice"],
);
add("document-blanks", "blanks around the document", `\n ${json(general(recordText, {}))}\n`, ["alice"]);
add("b64-true", "says what is so anyway (RFC 7797)", general(recordText, { more: { b64: true } }), ["alice"]);
add("payload-blanks", "the payload's JSON with blanks", general(legacyPayload, {}), ["alice"]);
add(
  "thirty-two",
  "as many signatures as are read",
  general(recordText, {}, ...Array.from({ length: 31 }, (): EntryForm => ({ key: "mallory" }))),
  ["alice"],
);
add(
  "ecdsa-twice",
  "two signatures by one P-256 key differ, and are one signer",
  general(recordText, { key: "dave" }, { key: "dave" }),
  ["dave"],
);

// One signer is one, however it is written.
add("same-twice", "one signature, twice", general(recordText, {}, {}), ["alice"]);
add("same-two-algorithm-names", "EdDSA and Ed25519 by one key", general(recordText, {}, alg("EdDSA")), ["alice"]);
add(
  "same-two-kids",
  "one key under two ids",
  general(recordText, { header: { alg: "Ed25519", kid: "a" } }, { header: { alg: "Ed25519", kid: "b" } }),
  ["alice"],
);
add(
  "same-thirty-two",
  "one key, as often as is read",
  general(
    recordText,
    ...Array.from({ length: 32 }, (_, at): EntryForm => ({ header: { alg: "Ed25519", kid: `k${at}` } })),
  ),
  ["alice"],
);
add("same-legacy-twice", "one entry of wheel 0.31.1, twice", legacy("kty", "alice", "alice"), ["alice"]);
add(
  "same-two-header-orders",
  "the header's members in another order",
  general(recordText, {}, { headerText: `{"kid":"${caseKeys.alice.thumbprint}","alg":"Ed25519"}` }),
  ["alice"],
);

// Strangers.
add("stranger", "a sound signature by nobody who is trusted", general(recordText, { key: "mallory" }), []);
add(
  "stranger-jwk",
  "with its own key in the header",
  general(recordText, { key: "mallory", header: { alg: "Ed25519", jwk: caseKeys.mallory.jwk } }),
  [],
);
add(
  "stranger-jwk-p256",
  "the same by P-256",
  general(recordText, { key: "eve", header: { alg: "ES256", jwk: caseKeys.eve.jwk } }),
  [],
);
add(
  "stranger-kid-of-alice",
  "says that it is alice",
  general(recordText, { key: "mallory", header: { alg: "Ed25519", kid: caseKeys.alice.thumbprint } }),
  [],
);
add(
  "stranger-jwk-kid-of-alice",
  "says that it is alice, and holds its own key",
  general(recordText, {
    key: "mallory",
    header: { alg: "Ed25519", kid: caseKeys.alice.thumbprint, jwk: caseKeys.mallory.jwk },
  }),
  [],
);
add(
  "stranger-kid-jwk-of-alice",
  "holds alice's key, is by mallory",
  general(recordText, { key: "mallory", header: { alg: "Ed25519", jwk: caseKeys.alice.jwk } }),
  [],
);
add(
  "two-keys-named",
  "kid names alice and jwk bob; it is by alice",
  general(recordText, { header: { alg: "Ed25519", kid: caseKeys.alice.thumbprint, jwk: caseKeys.bob.jwk } }),
  [],
);
add("stranger-legacy", "as wheel 0.31.1, which finds it sound", legacy("kty", "mallory"), []);
add("stranger-oldest", "as wheel 0.9", oldest("mallory"), []);
add("stranger-beside", "a stranger does not harm alice", general(recordText, { key: "mallory" }, {}), ["alice"]);
add(
  "stranger-legacy-beside",
  "nor does one of wheel 0.31.1",
  {
    payload: b64(legacyPayload),
    recipients: [legacyEntry(legacyPayload, "mallory"), legacyEntry(legacyPayload, "alice")],
  },
  ["alice"],
);
add(
  "legacy-header-of-alice",
  "wheel 0.31.1's header names alice, it is by mallory",
  { payload: b64(legacyPayload), recipients: [legacyEntry(legacyPayload, "alice", "kty", "mallory")] },
  [],
);
add(
  "legacy-headers-swapped",
  "two entries with each other's signatures",
  {
    payload: b64(legacyPayload),
    recipients: [legacyEntry(legacyPayload, "alice", "kty", "bob"), legacyEntry(legacyPayload, "bob", "kty", "alice")],
  },
  [],
);
for (const [name, member] of Object.entries({
  jku: "https://evil.example/keys",
  x5u: "https://evil.example/cert",
  x5c: ["MIIB"],
  "x5t#S256": "x",
}))
  add(
    `stranger-${name.replace(/\W/g, "-").toLowerCase()}`,
    `points to a key by ${name}: nothing is fetched or taken from there`,
    general(recordText, { key: "mallory", header: { alg: "Ed25519", [name]: member } }),
    [],
  );

// Algorithms.
beside("alg-none", "no signature at all", { ...alg("none"), bend: () => Buffer.of() });
beside("alg-none-signed", "none, with a signature that fits", alg("none"));
for (const [name, value] of Object.entries({ capitals: "NONE", mixed: "nOnE" }))
  beside(`alg-none-${name}`, "the same in other letters", { ...alg(value), bend: () => Buffer.of() });
for (const name of ["HS256", "HS512", "RS256", "PS256", "ES384", "ES512", "Ed448", "ES256K"])
  beside(`alg-${name.toLowerCase()}`, `"${name}" is not one of the three`, alg(name));
for (const [name, value] of Object.entries({ "ed25519-small": "ed25519", "eddsa-capitals": "EDDSA" }))
  beside(`alg-${name}`, "names of algorithms have one spelling (RFC 7515, 4.1.1)", alg(value));
beside("alg-es256-for-ed25519", "ES256 with a key that is Ed25519", alg("ES256"));
add("alg-eddsa-for-p256", "EdDSA with a key that is P-256", general(recordText, alg("EdDSA", "dave"), { key: "bob" }), [
  "bob",
]);
for (const [name, value] of Object.entries({ number: 1, null: null, list: ["Ed25519"], empty: "" }))
  beside(`alg-${name}`, "an algorithm that is no name", alg(value));
beside("alg-missing", "no algorithm", { header: { kid: caseKeys.alice.thumbprint } });
const hs = { alg: "HS256", kid: caseKeys.alice.thumbprint };
add(
  "alg-hmac-with-public-key",
  "HMAC keyed with the public key, which everybody has",
  {
    payload: b64(recordText),
    signatures: [
      {
        protected: b64(json(hs)),
        signature: hmac(Buffer.from(caseKeys.alice.jwk.x ?? "", "base64url"))(b64(json(hs)), b64(recordText)),
      },
    ],
  },
  [],
);
add(
  "alg-unprotected",
  "the algorithm only where it is not covered",
  {
    payload: b64(recordText),
    signatures: [{ ...entry(recordText, { header: { kid: caseKeys.alice.thumbprint } }), header: { alg: "Ed25519" } }],
  },
  [],
);

// Headers.
beside("crit-empty", "crit without a name", { more: { crit: [] } });
beside("crit-b64", "b64: false with crit (RFC 7797)", { more: { b64: false, crit: ["b64"] } });
beside("crit-unknown", "an extension that must be understood", { more: { crit: ["exp"], exp: 1 } });
beside("crit-known-member", "crit of a member that is known", { more: { crit: ["alg"] } });
beside("b64-false", "an unencoded payload without crit", { more: { b64: false } });
beside("b64-text", "b64 that is no truth value", { more: { b64: "false" } });
beside("header-twice-alg", "alg twice: readers differ in which they take", {
  headerText: `{"alg":"none","alg":"Ed25519","kid":"${caseKeys.alice.thumbprint}"}`,
});
beside("header-twice-escaped", "alg twice, once escaped", {
  headerText: `{"alg":"Ed25519","\\u0061lg":"none","kid":"${caseKeys.alice.thumbprint}"}`,
});
beside("header-bom", "a byte order mark before the header", {
  headerText: `\ufeff{"alg":"Ed25519","kid":"${caseKeys.alice.thumbprint}"}`,
});
beside("header-text-behind", "text behind the header", {
  headerText: `{"alg":"Ed25519","kid":"${caseKeys.alice.thumbprint}"}x`,
});
beside("header-list", "a header that is a list", { headerText: `["Ed25519"]` });
beside("header-empty", "a header without anything", { headerText: "{}" });
beside("header-no-json", "a header that is no JSON", { headerText: "alg=Ed25519" });
beside("header-single-quotes", "JSON as Python prints it", { headerText: `{'alg':'Ed25519'}` });
beside("header-deep", "a header of a hundred levels", {
  headerText: `{"alg":"Ed25519","x":${"[".repeat(100)}${"]".repeat(100)}}`,
});
beside("typ-of-detached", "signed for the place beside the file", { more: { typ: "tspip-artifact+json" } });
beside("typ-of-keyring", "signed as a keyring's list", { more: { typ: "tspip-keys+json" } });
const withUnprotected = (header: unknown) => ({
  payload: b64(recordText),
  signatures: [{ ...entry(recordText), header }, entry(recordText, { key: "bob" })],
});
add("unprotected-same-name", "kid in both headers (RFC 7515, 7.2.1)", withUnprotected({ kid: "x" }), ["bob"]);
add("unprotected-crit", "crit where it is not covered (RFC 7515, 4.1.11)", withUnprotected({ crit: ["x"] }), ["bob"]);
add("unprotected-text", "an unprotected header that is no object", withUnprotected("x"), ["bob"]);

// Signatures.
beside("signature-bit", "one bit changed", {
  bend: (raw) => Buffer.concat([Buffer.of((raw[0] ?? 0) ^ 1), raw.subarray(1)]),
});
beside("signature-short", "63 bytes", { bend: (raw) => raw.subarray(1) });
beside("signature-long", "65 bytes", { bend: (raw) => Buffer.concat([raw, Buffer.of(0)]) });
beside("signature-empty", "no bytes", { bend: () => Buffer.of() });
beside("signature-zeros", "64 zero bytes", { bend: () => Buffer.alloc(64) });
beside("signature-over-other", "over another payload", { over: "{}" });
const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n;
const littleEndian = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
const plusOrder = (raw: Buffer) => {
  const s = (littleEndian(raw.subarray(32)) + groupOrder).toString(16).padStart(64, "0");
  return Buffer.concat([raw.subarray(0, 32), Buffer.from(s, "hex").reverse()]);
};
beside("signature-s-plus-order", "S beyond the group's order: a second signature that nobody made (RFC 8032, 8.4)", {
  bend: plusOrder,
});
const ecOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const ec = (name: string, why: string, bend: (raw: Buffer) => Buffer) =>
  add(name, why, general(recordText, { key: "dave", bend }, { key: "bob" }), ["bob"]);
ec("ecdsa-r-zero", "r is 0 (CVE-2022-21449)", (raw) => Buffer.concat([Buffer.alloc(32), raw.subarray(32)]));
ec("ecdsa-s-zero", "s is 0", (raw) => Buffer.concat([raw.subarray(0, 32), Buffer.alloc(32)]));
ec("ecdsa-zeros", "r and s are 0 (CVE-2022-21449)", () => Buffer.alloc(64));
ec("ecdsa-r-is-order", "r is the group's order", (raw) =>
  Buffer.concat([Buffer.from(ecOrder, "hex"), raw.subarray(32)]),
);
ec("ecdsa-both-order", "r and s are the group's order", () => Buffer.from(ecOrder + ecOrder, "hex"));
ec("ecdsa-halves-swapped", "s before r", (raw) => Buffer.concat([raw.subarray(32), raw.subarray(0, 32)]));
ec("ecdsa-der", "the ASN.1 form that X.509 has", (raw) =>
  Buffer.concat([Buffer.of(0x30, 68, 2, 32), raw.subarray(0, 32), Buffer.of(2, 32), raw.subarray(32)]),
);
ec("ecdsa-33-bytes", "halves with a leading zero each", (raw) =>
  Buffer.concat([Buffer.of(0), raw.subarray(0, 32), Buffer.of(0), raw.subarray(32)]),
);
const smallOrder = Buffer.concat([Buffer.of(1), Buffer.alloc(31)]);
const small = { alg: "Ed25519", jwk: { crv: "Ed25519", kty: "OKP", x: b64(smallOrder) } };
add(
  "small-order-key",
  "a key for which one signature fits every text",
  {
    payload: b64(recordText),
    signatures: [{ protected: b64(json(small)), signature: b64(Buffer.concat([smallOrder, Buffer.alloc(32)])) }],
  },
  [],
);

// Base64url has one spelling.
const bentEntry = (bend: (made: { protected: string; signature: string }) => object) => ({
  payload: b64(recordText),
  signatures: [bend(entry(recordText)), entry(recordText, { key: "bob" })],
});
add(
  "base64-signature-padded",
  "padding behind the signature",
  bentEntry((made) => ({ ...made, signature: `${made.signature}==` })),
  ["bob"],
);
add(
  "base64-signature-standard",
  "+ and / for - and _",
  bentEntry((made) => ({
    ...made,
    signature: made.signature.replaceAll("-", "+").replaceAll("_", "/") + (/[-_]/.test(made.signature) ? "" : "+"),
  })),
  ["bob"],
);
add(
  "base64-signature-blank",
  "a blank inside",
  bentEntry((made) => ({ ...made, signature: `${made.signature.slice(0, 9)} ${made.signature.slice(9)}` })),
  ["bob"],
);
add(
  "base64-signature-line",
  "a line break at the end",
  bentEntry((made) => ({ ...made, signature: `${made.signature}\n` })),
  ["bob"],
);
const spare = (text: string) => text.slice(0, -1) + ({ A: "B", Q: "R", g: "h", w: "x" }[text.at(-1) ?? ""] ?? "_");
add(
  "base64-signature-spare-bits",
  "spare bits that are not zero: a second spelling of the same bytes",
  bentEntry((made) => ({ ...made, signature: spare(made.signature) })),
  ["bob"],
);
add(
  "base64-header-padded",
  "padding behind the header",
  bentEntry((made) => ({ ...made, protected: `${made.protected}=` })),
  ["bob"],
);
add(
  "entry-no-signature",
  "an entry without a signature",
  bentEntry((made) => ({ protected: made.protected })),
  ["bob"],
);
add(
  "entry-no-header",
  "an entry without a header",
  bentEntry((made) => ({ signature: made.signature })),
  ["bob"],
);
add(
  "entry-header-object",
  "a header that is not encoded",
  bentEntry((made) => ({ protected: { alg: "Ed25519" }, signature: made.signature })),
  ["bob"],
);
add(
  "base64-payload-padded",
  "padding behind the payload",
  { ...general(recordText, {}), payload: `${b64(recordText)}==` },
  unreadable,
);
add(
  "base64-payload-standard",
  "a payload in standard base64",
  { ...general(recordText, {}), payload: `${b64(recordText)}+/` },
  unreadable,
);
add(
  "base64-payload-blank",
  "a blank in the payload",
  { ...general(recordText, {}), payload: ` ${b64(recordText)}` },
  unreadable,
);

// Documents.
add("document-empty", "no bytes", "", unreadable);
add("document-text", "no JSON", "RECORD", unreadable);
add("document-list", "a list", [general(recordText, {})], unreadable);
add("document-null", "null", "null", unreadable);
add("document-bom", "a byte order mark", `\ufeff${json(general(recordText, {}))}`, unreadable);
add("document-text-behind", "text behind the document", `${json(general(recordText, {}))}{}`, unreadable);
add(
  "document-not-utf8",
  "bytes that are no UTF-8",
  Buffer.concat([Buffer.from('{"x":"'), Buffer.of(0xff), Buffer.from(`",${json(general(recordText, {})).slice(1)}`)]),
  unreadable,
);
add("document-utf16", "UTF-16", Buffer.from(json(general(recordText, {})), "utf16le"), unreadable);
add("document-comment", "a comment", `${json(general(recordText, {})).slice(0, -1)}/* */}`, unreadable);
add(
  "document-deep",
  "a hundred levels",
  `{"x":${"[".repeat(100)}${"]".repeat(100)},${json(general(recordText, {})).slice(1)}`,
  unreadable,
);
add("document-large", "more than a mebibyte", `${json(general(recordText, {}))}${" ".repeat(1 << 20)}`, unreadable);
add(
  "compact",
  "the compact form, which holds one signature and no list",
  Object.values(entry(recordText)).join(`.${b64(recordText)}.`),
  unreadable,
);
add(
  "member-twice-payload",
  "payload twice",
  `{"payload":"${b64("{}")}",${json(general(recordText, {})).slice(1)}`,
  unreadable,
);
add(
  "member-twice-signatures",
  "signatures twice",
  `{"signatures":[],${json(general(recordText, {})).slice(1)}`,
  unreadable,
);
add(
  "member-twice-in-entry",
  "signature twice in an entry",
  json(general(recordText, {})).replace('{"protected"', '{"signature":"AA","protected"'),
  unreadable,
);
add("no-payload", "no payload", { signatures: [entry(recordText)] }, unreadable);
add(
  "payload-object",
  "a payload that is not encoded",
  { ...general(recordText, {}), payload: { hash: recordHash } },
  unreadable,
);
add("signatures-empty", "a list without a signature", { payload: b64(recordText), signatures: [] }, unreadable);
add("signatures-none", "no list", { payload: b64(recordText) }, unreadable);
add(
  "signatures-object",
  "signatures that are no list",
  { payload: b64(recordText), signatures: entry(recordText) },
  unreadable,
);
add("signatures-texts", "entries that are texts", { payload: b64(recordText), signatures: ["x"] }, unreadable);
add("recipients-empty", "wheel 0.31.1 crashes at this", { payload: b64(legacyPayload), recipients: [] }, unreadable);
add(
  "recipients-third-member",
  "wheel 0.31.1 refuses this",
  { payload: b64(legacyPayload), recipients: [{ ...legacyEntry(legacyPayload, "alice"), x: 1 }] },
  unreadable,
);
add(
  "recipients-and-signatures",
  "two forms at once",
  { ...general(legacyPayload, {}), ...legacy("kty", "bob") },
  unreadable,
);
add(
  "signatures-and-flattened",
  "two forms at once",
  { ...general(recordText, {}), ...entry(recordText, { key: "bob" }) },
  unreadable,
);
add(
  "signatures-and-header",
  "a protected header beside the list",
  { ...general(recordText, {}), protected: b64("{}") },
  unreadable,
);
add(
  "headers-fewer",
  "parallel lists of different length",
  { ...oldest("alice", "bob"), headers: oldest("alice").headers },
  unreadable,
);
add(
  "thirty-three",
  "more signatures than are read",
  general(recordText, {}, ...Array.from({ length: 32 }, (): EntryForm => ({ key: "mallory" }))),
  unreadable,
);

// What is signed.
const payload = (name: string, why: string, text: string) => add(name, why, general(text, {}), mismatch);
const otherHash = `sha256=${createHash("sha256").update("another RECORD").digest("base64url")}`;
payload("record-another", "a signature of another RECORD", json({ hash: otherHash }));
payload("payload-empty", "an empty text", "");
payload("payload-no-members", "no hash", "{}");
payload("payload-more-members", "the hash, and more", json({ hash: recordHash, version: 1 }));
payload("payload-two-hashes", "a second hash", json({ hash: recordHash, hash2: otherHash }));
payload("payload-member-twice", "hash twice", `{"hash":"${otherHash}","hash":"${recordHash}"}`);
payload(
  "payload-hex",
  "the digest in hexadecimal",
  json({ hash: `sha256=${createHash("sha256").update("x").digest("hex")}` }),
);
payload("payload-padded", "the digest padded", json({ hash: `${recordHash}=` }));
payload("payload-standard", "the digest in standard base64", json({ hash: `${recordHash.slice(0, -2)}+/` }));
payload(
  "payload-sha512",
  "another algorithm",
  json({ hash: `sha512=${createHash("sha512").update("x").digest("base64url")}` }),
);
payload("payload-md5", "a weak algorithm", json({ hash: `md5=${createHash("md5").update("x").digest("base64url")}` }));
payload("payload-no-algorithm", "a digest without its algorithm", json({ hash: recordHash.slice("sha256=".length) }));
payload("payload-upper-case", "SHA256", json({ hash: recordHash.replace("sha256", "SHA256") }));
payload("payload-list", "a list of hashes", json({ hash: [recordHash] }));
payload("payload-text", "the hash as a text of JSON", json(recordHash));
payload("payload-plain", "the hash without JSON", recordHash);
payload("payload-other-name", "the hash under another name", json({ Hash: recordHash }));
payload("payload-text-behind", "text behind the payload's JSON", `${recordText}\n{}`);
payload("payload-of-detached", "a document from beside a file", artifactText());

// Beside the file.
const besideFile = (name: string, why: string, document: unknown, expect: Expected) =>
  add(`beside-${name}`, why, document, expect, "detached");
const bentFile = (name: string, why: string, bent: object) =>
  besideFile(name, why, detached(artifactText(bent), {}), mismatch);
besideFile("sound", "as tspip sign writes it", detached(artifactText(), {}, { key: "dave" }), ["alice", "dave"]);
besideFile(
  "no-record",
  "without the hash of RECORD: the digest covers it",
  detached(
    json({
      filename: artifact.filename,
      name: artifact.name,
      sha256: artifact.sha256,
      size: artifact.size,
      version: artifact.version,
    }),
    {},
  ),
  ["alice"],
);
bentFile("other-file", "the same name, other bytes", { sha256: createHash("sha256").update("other").digest("hex") });
bentFile("digest-upper-case", "the digest in capitals", { sha256: artifact.sha256.toUpperCase() });
bentFile("other-size", "another size", { size: 18 });
bentFile("size-text", "the size as a text", { size: "17" });
bentFile("other-filename", "another platform", { filename: "demo-1.0-py3-none-linux_x86_64.whl" });
bentFile("filename-case", "the name in other letters", { filename: "Demo-1.0-py3-none-any.whl" });
bentFile("filename-path", "a path", { filename: "../demo-1.0-py3-none-any.whl" });
bentFile("other-name", "another project", { name: "demo2" });
bentFile("other-version", "another version", { version: "1.0.0" });
bentFile("other-record", "another RECORD", { record: otherHash });
bentFile("record-null", "no RECORD where there is one", { record: null });
bentFile("more-members", "more than is known", { until: "2030" });
for (const name of ["filename", "name", "sha256", "size", "version"] as const)
  bentFile(`without-${name}`, `without ${name}`, { [name]: undefined });
besideFile("payload-of-record", "a RECORD.jws", general(recordText, {}), mismatch);
besideFile("without-typ", "the right payload without its type", general(artifactText(), {}), []);
besideFile("typ-jwt", "another type", general(artifactText(), { more: { typ: "JWT" } }), []);
besideFile(
  "typ-prefixed",
  "the type spelled out",
  general(artifactText(), { more: { typ: "application/tspip-artifact+json" } }),
  [],
);
besideFile(
  "typ-of-one",
  "the type in one of two entries",
  {
    payload: b64(artifactText()),
    signatures: [
      entry(artifactText(), { more: { typ: "tspip-artifact+json" } }),
      entry(artifactText(), { key: "bob" }),
    ],
  },
  ["alice"],
);
besideFile(
  "legacy-form",
  "in the form of wheel 0.31.1, which has no type",
  { payload: b64(artifactText()), recipients: [legacyEntry(artifactText(), "alice")] },
  [],
);

const folder = new URL("../../../testdata/signature/", import.meta.url);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const { name, document, ...rest } of cases) {
  const bytes = Buffer.from(document);
  const isText = bytes.toString("utf8") === document;
  const shown =
    isText && bytes.length < 100_000
      ? { document }
      : isText
        ? {
            document: bytes.toString("utf8").trimEnd(),
            padding: bytes.length - bytes.toString("utf8").trimEnd().length,
          }
        : { base64: bytes.toString("base64") };
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ ...rest, ...shown }, undefined, 2)}\n`);
}
if (new Set(cases.map(({ name }) => name.toLowerCase())).size < cases.length)
  throw new Error("Two cases have one name");
process.stdout.write(`${cases.length} cases\n`);
