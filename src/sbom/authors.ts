import type { CoreMetadata } from "../wheel/metadata.ts";
import { clipped, isPlainAscii } from "./text.ts";

/** CycloneDX organizationalContact. */
export interface Contact {
  readonly name?: string;
  readonly email?: string;
}

/**
 * The authors that METADATA declares. `Author` is free text and stays one entry, though it may hold an address as well;
 * `Author-email` is a list of mailboxes (core metadata, "Author-email"; RFC 5322).
 */
export function authorsOf({ author, authorEmail }: Pick<CoreMetadata, "author" | "authorEmail">): Contact[] {
  const contacts = mailboxes(clipped(authorEmail ?? ""));
  const [named] = author === undefined ? [] : mailbox(clipped(author).trim());
  if (named === undefined) return contacts;
  const [only, ...others] = contacts;
  if (only?.name === undefined && others.length === 0) return [{ ...named, ...only }];
  const isSaidAgain = named.email === undefined && contacts.some(({ name }) => name === named.name);
  return isSaidAgain ? contacts : [named, ...contacts];
}

/** Splits at commas, but not at those inside quotation marks or angle brackets. */
function mailboxes(text: string): Contact[] {
  const parts = text.match(/(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^,"<>])+/g) ?? [];
  return parts.flatMap((part) => mailbox(part.trim()));
}

function mailbox(text: string): Contact[] {
  const { name = text, address = text } = /^(?<name>.*?)\s*<(?<address>[^<>]*)>$/s.exec(text)?.groups ?? {};
  const unquoted = name.replace(/^"(.*)"$/s, "$1").replace(/\\(.)/gs, "$1");
  const email = isEmail(address) ? { email: address } : {};
  const isNamed = unquoted !== "" && unquoted !== address;
  if (isNamed) return [{ name: unquoted, ...email }];
  if (email.email !== undefined) return [email];
  return text === "" ? [] : [{ name: text }];
}

/** Atoms of RFC 5322, with the letters and digits of a character class. */
function addressIn(letters: string, digits: string): RegExp {
  const atom = `[${letters}${digits}!#$%&'*+/=?^_\`{|}~-]{1,64}`;
  const label = `[${letters}${digits}](?:[${letters}${digits}-]{0,61}[${letters}${digits}])?`;
  return new RegExp(String.raw`^${atom}(?:\.${atom}){0,8}@(?:${label}\.){1,8}[${letters}]{2,63}$`, "u");
}

const asciiAddress = addressIn("A-Za-z", "0-9");
/** With letters of all scripts (RFC 6531), made when there is one. */
let anyAddress: RegExp | undefined;

/**
 * A plain address: atoms with dots between them, "@", a host name of two labels or more. What is rarer than that goes
 * into the name: a document with an address that a reader's schema refuses is lost as a whole.
 */
function isEmail(text: string): boolean {
  if (text.length > 254) return false;
  if (isPlainAscii(text)) return asciiAddress.test(text);
  anyAddress ??= addressIn("\\p{L}", "\\p{N}");
  return anyAddress.test(text);
}
