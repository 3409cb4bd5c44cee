import { isHexDigest } from "../distribution/digest.ts";
import { didYouMean } from "./did-you-mean.ts";
import type {
  AttestationPlace,
  FilePlace,
  PinnedAuthority,
  TrustedRootPlace,
  TrustSettings,
  TufPlace,
} from "./policy.ts";
import type { TableReader } from "./table-reader.ts";

/** What holds where the file has no `[trust]`. */
const defaults: TrustSettings = {
  sigstore: { kind: "embedded" },
  attestations: [{ kind: "index" }, { kind: "sidecar" }],
};

export function parseTrust(table: TableReader | undefined): TrustSettings {
  if (table === undefined) return defaults;
  const keyring = parseKeyring(table);
  const tls = parseTls(table);
  const summaries = table.texts("summaries");
  for (const [at, path] of summaries?.entries() ?? [])
    if (path.trim() === "") table.wrong("summaries", "a path is empty", at);
  const trust = {
    sigstore: parseSigstore(table),
    ...(keyring !== undefined && { keyring }),
    ...(tls !== undefined && { tls }),
    attestations: parsePlaces(table),
    ...(summaries !== undefined && { summaries }),
  };
  table.finish();
  return trust;
}

function parseKeyring(table: TableReader): TrustSettings["keyring"] {
  const inner = table.table("keyring");
  return inner && parseFileOrTuf(inner, "keyring");
}

/** `{ ca = [{ host = HOST, sha256 = HEX }, …] }`: several lines of one host are a choice. */
function parseTls(table: TableReader): TrustSettings["tls"] {
  const inner = table.table("tls");
  if (inner === undefined) return undefined;
  if (!inner.has("ca")) inner.missing("ca", "it lists the certificate authorities that are good for a host");
  const entries = inner.tables("ca");
  if (inner.has("ca") && entries.length === 0) inner.wrong("ca", '"ca" lists no certificate authority');
  const authorities = entries.flatMap((entry) => parseAuthority(entry) ?? []);
  inner.finish();
  return authorities;
}

function parseAuthority(entry: TableReader): PinnedAuthority | undefined {
  const host = entry.text("host");
  const sha256 = entry.text("sha256");
  entry.finish();
  if (!entry.has("host")) return entry.missing("host", "it is the host whose certificate the authority signs");
  if (!entry.has("sha256")) return entry.missing("sha256", "it is the digest of the authority's certificate");
  if (host === undefined || sha256 === undefined) return undefined;
  if (!/^[a-z0-9.-]+$/.test(host))
    return entry.wrong("host", `"${host}" is not the name of a host in lower case, without scheme and port`);
  if (!isHexDigest("sha256", sha256))
    return entry.wrong("sha256", `"${sha256}" is not a SHA-256: 64 hexadecimal digits`);
  return { host, sha256: sha256.toLowerCase() };
}

/** `{ file = PATH }`, or `{ tuf = URL, root = PATH }`. */
function parseFileOrTuf(table: TableReader, key: string): FilePlace | TufPlace | undefined {
  const file = table.text("file");
  const tuf = parseTuf(table);
  table.finish();
  if (table.has("file") === table.has("tuf"))
    return table.wrongHere(`"${key}" has either "file", a path, or "tuf", the URL of a repository`);
  return file === undefined ? tuf : { kind: "file", path: file };
}

/** A repository of The Update Framework: where it is, and the root that is trusted from the beginning. */
function parseTuf(table: TableReader): TufPlace | undefined {
  const text = table.text("tuf");
  const root = table.text("root");
  if (table.has("root") && !table.has("tuf")) return table.wrongKey("root", '"root" goes with "tuf"');
  if (!table.has("tuf")) return undefined;
  if (!table.has("root")) return table.missing("root", "it is the path of the root that the repository began with");
  if (text === undefined || root === undefined) return undefined;
  const url = URL.parse(text);
  if (url === null || !isFetchable(url))
    return table.wrong("tuf", `"${text}" is not the https URL of a TUF repository`);
  return { kind: "tuf", url: url.href, root };
}

/** `https:`, or a server of this machine; who may read it is not for a policy to say. */
function isFetchable({ protocol, hostname, username, password }: URL): boolean {
  const isLocal = protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
  return (protocol === "https:" || isLocal) && username === "" && password === "";
}

/** `"embedded"`, `{ file = PATH }` or `{ tuf = URL, root = PATH }`; the latter two with `max-age`. */
function parseSigstore(table: TableReader): TrustedRootPlace {
  const inner = table.isTable("sigstore") ? table.table("sigstore") : undefined;
  if (inner === undefined) return { kind: table.choice("sigstore", ["embedded"]) ?? "embedded" };
  const maxAge = inner.duration("max-age");
  const place = parseFileOrTuf(inner, "sigstore");
  return place === undefined ? defaults.sigstore : { ...place, ...(maxAge !== undefined && { maxAge }) };
}

function parsePlaces(table: TableReader): readonly AttestationPlace[] {
  const texts = table.texts("attestations");
  if (texts === undefined) return defaults.attestations;
  return texts.flatMap((text, at) => {
    if (texts.indexOf(text) < at) table.wrong("attestations", `"${text}" is named twice`, at);
    const place = parsePlace(text);
    if (place === undefined) {
      const message = `"${text}" is no place for attestations, expected "index" | "sidecar" | "dir:PATH" | an https URL with {sha256}`;
      table.wrong("attestations", message + didYouMean(text, ["index", "sidecar"]), at);
    }
    return place ?? [];
  });
}

function parsePlace(text: string): AttestationPlace | undefined {
  if (text === "index" || text === "sidecar") return { kind: text };
  if (/^dir:./.test(text)) return { kind: "directory", path: text.slice("dir:".length) };
  return isTemplate(text) ? { kind: "url", template: text } : undefined;
}

/** The digest is in the path or the query, where it cannot change who is asked. */
function isTemplate(text: string): boolean {
  const [before = "", ...behind] = text.split("{sha256}");
  const url = URL.parse(text);
  return behind.length > 0 && /^https?:\/\/[^/]+\//.test(before) && url !== null && isFetchable(url);
}
