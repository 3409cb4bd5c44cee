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
  const trust = { sigstore: parseSigstore(table), attestations: parsePlaces(table) };
  table.finish();
  return trust;
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
