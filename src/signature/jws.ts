import { decodeBase64Url } from "../encoding/base64.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJsonBytes } from "../encoding/json.ts";
import { messageOf, SignatureError } from "../errors.ts";

/**
 * One payload and the signatures over it: a JSON serialization of RFC 7515 (7.2.1 general, 7.2.2 flattened), or one of
 * the three forms that `wheel sign` wrote from 2012 to 2018. Nothing of it is verified yet.
 */
export interface SignedDocument {
  readonly payload: Buffer;
  /** The same document in the general form, whichever form it had: all of them sign the same text. */
  readonly general: GeneralForm;
  /** In the order of the document; never empty. One that cannot be used says nothing about the others. */
  readonly entries: readonly (SignatureEntry | UnusableEntry)[];
}

/** RFC 7515, 7.2.1. */
export interface GeneralForm {
  /** In base64url. */
  readonly payload: string;
  readonly signatures: readonly JsonObject[];
}

export interface SignatureEntry {
  /** The protected header, decoded. */
  readonly header: JsonObject;
  /** What the signature covers: header and payload as they were received, in base64url, with a dot between. */
  readonly signingInput: Buffer;
  readonly signature: Buffer;
}

export interface UnusableEntry {
  /** Why it can prove nothing. */
  readonly problem: string;
}

/** No signer needs more; each signature costs a verification. */
const limits = { bytes: 1 << 20, entries: 32 };

/**
 * Parses a document with one reading or none: strict JSON, base64url in its one spelling, one of the five forms.
 * @throws SignatureError `signature-unreadable`
 */
export function parseSignedDocument(bytes: Uint8Array): SignedDocument {
  if (bytes.length > limits.bytes) throw unreadable(`it has ${bytes.length} bytes, more than ${limits.bytes}`);
  const document = asObject(parse(bytes), "the document");
  const payloadText = document.payload;
  const payload = typeof payloadText === "string" ? decodeBase64Url(payloadText) : undefined;
  if (typeof payloadText !== "string" || payload === undefined) throw unreadable("its payload is no base64url text");
  const entries = rawEntries(document);
  if (entries.length === 0) throw unreadable("it holds no signature");
  if (entries.length > limits.entries)
    throw unreadable(`it holds ${entries.length} signatures, more than ${limits.entries}`);
  return {
    payload,
    general: { payload: payloadText, signatures: entries },
    entries: entries.map((entry) => parseEntry(entry, payloadText)),
  };
}

/** The member that gives a form away. With two of them, readers would differ in what was signed. */
const forms: Readonly<Record<string, (document: JsonObject) => JsonObject[]>> = {
  signatures: generalEntries,
  signature: ({ payload: _, ...entry }) => [entry],
  // wheel 0.14 to 0.31.1
  recipients: recipientEntries,
  // wheel 0.9 to 0.13
  headers: parallelEntries,
};

function rawEntries(document: JsonObject): JsonObject[] {
  // The oldest form has `headers` and, as the general one, `signatures`.
  const present = Object.keys(forms).filter(
    (name) => name in document && !(name === "signatures" && "headers" in document),
  );
  const [form = ""] = present;
  const read = forms[form];
  if (read === undefined) throw unreadable("it holds no signature");
  if (present.length > 1) throw unreadable(`it has both "${present[0]}" and "${present[1]}"`);
  if (form === "signatures" && ("protected" in document || "header" in document))
    throw unreadable("it has a header of its own beside its signatures");
  return read(document);
}

function generalEntries({ signatures }: JsonObject): JsonObject[] {
  return asArray(signatures, "signatures").map((entry) => asObject(entry, "a signature"));
}

function recipientEntries({ recipients }: JsonObject): JsonObject[] {
  return asArray(recipients, "recipients").map((recipient) => {
    const entry = asObject(recipient, "a recipient");
    // wheel 0.31.1 takes these two members and no others.
    if (Object.keys(entry).length !== 2) throw unreadable('a recipient has other members than "header", "signature"');
    return generalEntry(entry.header, entry.signature);
  });
}

function parallelEntries({ headers, signatures }: JsonObject): JsonObject[] {
  const [heads, values] = [asArray(headers, "headers"), asArray(signatures, "signatures")];
  if (heads.length !== values.length)
    throw unreadable(`it has ${heads.length} headers and ${values.length} signatures`);
  return heads.map((head, at) => generalEntry(head, values[at]));
}

function generalEntry(head: JsonValue | undefined, signature: JsonValue | undefined): JsonObject {
  return { protected: head ?? null, signature: signature ?? null };
}

function parseEntry(entry: JsonObject, payload: string): SignatureEntry | UnusableEntry {
  const { protected: head, header: unprotected, signature } = entry;
  if (typeof head !== "string") return { problem: "it has no protected header" };
  const headBytes = decodeBase64Url(head);
  if (headBytes === undefined) return { problem: "its header is no base64url text" };
  const value = typeof signature === "string" ? decodeBase64Url(signature) : undefined;
  if (value === undefined) return { problem: "its signature is no base64url text" };
  try {
    const header = asObject(parseJsonBytes(headBytes), "its header");
    const problem = headerProblem(header) ?? unprotectedProblem(unprotected, header);
    if (problem !== undefined) return { problem };
    // Over the received text: to write the JSON anew could change it.
    return { header, signingInput: Buffer.from(`${head}.${payload}`, "latin1"), signature: value };
  } catch (error) {
    return { problem: `its header cannot be read: ${messageOf(error)}` };
  }
}

function headerProblem({ crit, b64 = true }: JsonObject): string | undefined {
  // RFC 7515, 4.1.11: whoever does not understand what is critical must refuse, and nothing of it is understood here.
  if (crit !== undefined) return 'its header has "crit"';
  return b64 === true ? undefined : 'its header has "b64"';
}

/** RFC 7515, 7.2.1: no name stands in both headers. What decides how to verify has to be covered by the signature. */
function unprotectedProblem(unprotected: JsonValue | undefined, header: JsonObject): string | undefined {
  if (unprotected === undefined) return undefined;
  if (!isJsonObject(unprotected)) return "its unprotected header is no object";
  const bad = Object.keys(unprotected).find((name) => name in header || ["alg", "crit", "b64", "typ"].includes(name));
  return bad === undefined ? undefined : `its unprotected header has "${bad}"`;
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJsonBytes(bytes);
  } catch (error) {
    throw unreadable(messageOf(error));
  }
}

function asObject(value: JsonValue | undefined, what: string): JsonObject {
  if (!isJsonObject(value)) throw unreadable(`${what} is no JSON object`);
  return value;
}

function asArray(value: JsonValue | undefined, what: string): readonly JsonValue[] {
  if (!Array.isArray(value)) throw unreadable(`"${what}" is no list`);
  return value;
}

function unreadable(why: string): SignatureError {
  return new SignatureError("signature-unreadable", `Cannot read the signatures: ${why}`);
}
