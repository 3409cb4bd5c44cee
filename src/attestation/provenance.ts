import { type JsonValue, parseJson } from "../encoding/json.ts";
import type { JsonReader } from "../encoding/json-reader.ts";
import { decodeUtf8 } from "../encoding/utf8.ts";
import { AttestationError, messageOf } from "../errors.ts";
import { type Bundle, checkVersion, documentReader, readAttestation, readBundle } from "./bundle.ts";
import { type PublisherClaim, readPublisherClaim } from "./publisher-claim.ts";

/** What a document turned out to be. */
export type DocumentFormat = "provenance" | "attestation" | "sigstore-bundle" | "json-lines";

/** A document with attestations. Nothing of it is verified yet. */
export interface AttestationDocument {
  readonly format: DocumentFormat;
  readonly bundles: readonly AttestationBundle[];
}

/** Attestations that came together, and who the index says has published them. */
export interface AttestationBundle {
  /** Unsigned: anybody who can write the document can write this. */
  readonly publisher?: PublisherClaim;
  /** Each as the Sigstore bundle that it is or stands for. */
  readonly attestations: readonly Bundle[];
}

/** PyPI's documents have some 10 kB. */
const maxDocumentBytes = 16 << 20;
/** PyPI takes two attestations a file; other sources may collect more. */
const maxBundles = 64;
const maxAttestations = 64;
const maxLines = 256;

/**
 * Reads a provenance object, a single attestation (PEP 740), a Sigstore bundle, or lines of any of them, and says which
 * it was. `source` names the document in messages.
 * @throws AttestationError `attestation-unreadable` when any part of it cannot be read
 */
export function parseAttestationDocument(bytes: Uint8Array, source: string): AttestationDocument {
  if (bytes.length > maxDocumentBytes)
    unreadable(source, `it has ${bytes.length} bytes, the limit is ${maxDocumentBytes}`);
  const text = decodeUtf8(bytes) ?? unreadable(source, "it is not UTF-8");
  const lines = linesOf(text);
  if (lines.length > 1 && lines.every(isWholeObject)) return readLines(lines, source);
  return readDocument(parse(text, source), source);
}

interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

/** Empty ones are left out; none where all is one line, as most documents are. */
function linesOf(text: string): Line[] {
  if (!text.trim().includes("\n")) return [];
  return text.split("\n").flatMap((line, at) => (line.trim() === "" ? [] : [{ text: line, number: at + 1 }]));
}

/** A document that is spread over several lines starts with one that is not a whole object. */
function isWholeObject(line: Line): boolean {
  const text = line.text.trim();
  return text.startsWith("{") && text.endsWith("}");
}

function readLines(lines: readonly Line[], source: string): AttestationDocument {
  if (lines.length > maxLines) unreadable(source, `it has ${lines.length} lines, the limit is ${maxLines}`);
  const documents = lines.map(({ text, number }) => {
    const place = `${source}, line ${number}`;
    return readDocument(parse(text, place), place);
  });
  return { format: "json-lines", bundles: documents.flatMap(({ bundles }) => bundles) };
}

function readDocument(value: JsonValue, source: string): AttestationDocument {
  const document = documentReader(value, source);
  if (document.has("attestation_bundles")) return { format: "provenance", bundles: readProvenance(document, source) };
  if (document.has("verification_material")) {
    return { format: "attestation", bundles: [{ attestations: [readAttestation(value, source)] }] };
  }
  if (document.has("mediaType")) {
    return { format: "sigstore-bundle", bundles: [{ attestations: [readBundle(value, source)] }] };
  }
  return document.fail("is neither a provenance object, an attestation nor a Sigstore bundle");
}

/** PyPA: index hosted attestations, "Provenance objects". */
function readProvenance(provenance: JsonReader, source: string): AttestationBundle[] {
  checkVersion(provenance);
  const bundles = provenance.member("attestation_bundles").elements(maxBundles);
  return bundles.map((bundle, inDocument) => {
    const publisher = bundle.optional("publisher");
    const attestations = bundle.member("attestations").elements(maxAttestations);
    return {
      ...(publisher && { publisher: readPublisherClaim(publisher) }),
      attestations: attestations.map(({ raw }, inBundle) =>
        readAttestation(raw ?? null, `${source}.attestation_bundles[${inDocument}].attestations[${inBundle}]`),
      ),
    };
  });
}

function parse(text: string, source: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    return unreadable(source, `it is no JSON with one reading: ${messageOf(error)}`, error);
  }
}

function unreadable(source: string, problem: string, cause?: unknown): never {
  throw new AttestationError("attestation-unreadable", `Cannot read "${source}": ${problem}`, { cause });
}
