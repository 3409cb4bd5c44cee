import { didYouMean } from "./did-you-mean.ts";
import type { AttestationPlace, TrustSettings } from "./policy.ts";
import type { TableReader } from "./table-reader.ts";

/** What holds where the file has no `[trust]`. */
const defaults: TrustSettings = {
  sigstore: { kind: "embedded" },
  attestations: [{ kind: "index" }, { kind: "sidecar" }],
};

export function parseTrust(table: TableReader | undefined): TrustSettings {
  if (table === undefined) return defaults;
  const keyring = parseKeyring(table);
  const trust = {
    sigstore: parseSigstore(table),
    ...(keyring !== undefined && { keyring }),
    attestations: parsePlaces(table),
  };
  table.finish();
  return trust;
}

/** `{ file = PATH }`, or `{ tuf = URL, root = PATH }`. */
function parseKeyring(table: TableReader): TrustSettings["keyring"] {
  const inner = table.table("keyring");
  if (inner === undefined) return undefined;
  const file = inner.text("file");
  const tuf = parseTuf(inner);
  inner.finish();
  if (inner.has("file") === inner.has("tuf"))
    return inner.wrongHere('"keyring" has either "file", a path, or "tuf", the URL of a repository');
  return file === undefined ? tuf : { kind: "file", path: file };
}

/** A repository of The Update Framework: where it is, and the root that is trusted from the beginning. */
function parseTuf(table: TableReader): { kind: "tuf"; url: string; root: string } | undefined {
  const text = table.text("tuf");
  const root = table.text("root");
  if (table.has("root") && !table.has("tuf")) return table.wrongKey("root", '"root" goes with "tuf"');
  if (!table.has("tuf")) return undefined;
  if (!table.has("root")) return table.missing("root", "it is the path of the root that the repository began with");
  if (text === undefined || root === undefined) return undefined;
  const url = URL.parse(text);
  if (url?.protocol !== "https:" || url.username !== "" || url.password !== "")
    return table.wrong("tuf", `"${text}" is not the https URL of a TUF repository`);
  return { kind: "tuf", url: url.href, root };
}

function parseSigstore(table: TableReader): TrustSettings["sigstore"] {
  const inner = table.isTable("sigstore") ? table.table("sigstore") : undefined;
  if (inner === undefined) return { kind: table.choice("sigstore", ["embedded"]) ?? "embedded" };
  const path = inner.text("file");
  if (!inner.has("file")) inner.missing("file", "it is the path of a trusted root");
  inner.finish();
  return path === undefined ? defaults.sigstore : { kind: "file", path };
}

function parsePlaces(table: TableReader): readonly AttestationPlace[] {
  const texts = table.texts("attestations");
  if (texts === undefined) return defaults.attestations;
  return texts.flatMap((text, at) => {
    if (texts.indexOf(text) < at) table.wrong("attestations", `"${text}" is named twice`, at);
    const place = parsePlace(text);
    if (place === undefined) {
      const message = `"${text}" is no place for attestations, expected "index" | "sidecar" | "dir:PATH"`;
      table.wrong("attestations", message + didYouMean(text, ["index", "sidecar"]), at);
    }
    return place ?? [];
  });
}

function parsePlace(text: string): AttestationPlace | undefined {
  if (text === "index" || text === "sidecar") return { kind: text };
  return /^dir:./.test(text) ? { kind: "directory", path: text.slice("dir:".length) } : undefined;
}
