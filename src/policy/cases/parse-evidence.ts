import { type KeyId, keyIdOf, keyOfId } from "../../trust/key-id.ts";
import type { Publisher } from "../../trust/publisher.ts";
import { parsePublisher, publisherKinds } from "../parse-publisher.ts";
import type { TableReader } from "../table-reader.ts";
import { knownWord, parseTime, required } from "./case-fields.ts";
import {
  type AttestationBy,
  attestationWords,
  type CaseAttestation,
  type CaseSignature,
  type CaseSummary,
  signatureForms,
  signatureWords,
  summaryResults,
  summaryWords,
} from "./policy-case.ts";

/** What a case says that was found about its file. */

export function parseAttestations(table: TableReader): CaseAttestation[] | undefined {
  if (!table.has("attestations")) return table.missing("attestations", 'it is ["none"] where there are none');
  return wordsAnd(table, "attestations", attestationWords, parseAttestation);
}

function parseAttestation(table: TableReader): AttestationBy {
  const publish = parseSigner(table, "publish");
  const slsa = parseSigner(table, "slsa");
  const build = parseBuild(table);
  const signedAt = parseTime(table, "signed-at");
  if (table.has("publish") === table.has("slsa"))
    table.wrongHere('an attestation is { "publish": SIGNER } or { "slsa": SIGNER }');
  table.finish();
  return { ...(publish && { publish }), ...(slsa && { slsa }), ...(build && { build }), ...(signedAt && { signedAt }) };
}

/** What a SLSA provenance says of the build, in the spelling of a policy. */
function parseBuild(table: TableReader): AttestationBy["build"] {
  const builderId = table.text("builder");
  const buildType = table.text("build-type");
  const parameters = table.values("parameters");
  const named = ["builder", "build-type", "parameters"].filter((key) => table.has(key));
  for (const key of named) if (!table.has("slsa")) table.wrongKey(key, `"${key}" is what a SLSA provenance says`);
  if (named.length === 0) return undefined;
  return { ...(builderId && { builderId }), ...(buildType && { buildType }), parameters: parameters ?? {} };
}

/** A signer as a policy writes it, which here stands for a certificate: a certificate has no `*`. */
function parseSigner(parent: TableReader, key: string): Publisher | undefined {
  const table = parent.table(key);
  if (table === undefined) return undefined;
  if (!table.has("kind")) table.missing("kind", `it is one of ${publisherKinds.join(", ")}`);
  const kind = table.choice("kind", publisherKinds);
  if (kind === undefined) return table.skipRest();
  const publisher = parsePublisher(table, kind);
  table.finish();
  for (const name of ["workflow", "ref"])
    if (table.has(name) && table.text(name)?.includes("*")) table.wrong(name, 'a certificate has no "*"');
  return publisher;
}

export function parseSignatures(table: TableReader): CaseSignature[] | undefined {
  return wordsAnd(table, "signatures", signatureWords, parseSignature);
}

function parseSignature(table: TableReader): CaseSignature | undefined {
  const id = parseKey(table, "key");
  const keyName = table.text("key-name");
  const form = table.choice("form", signatureForms);
  table.finish();
  return id && { key: id, ...(keyName && { keyName }), ...(form && { form }) };
}

export function parseSummaries(table: TableReader): CaseSummary[] | undefined {
  return wordsAnd(table, "summaries", summaryWords, parseSummary);
}

/** `by` is a signer as an attestation has it, or the text of a key. */
function parseSummary(table: TableReader): CaseSummary | undefined {
  const by = table.isTable("by") ? parseSigner(table, "by") : parseKey(table, "by");
  const verifier = required(table, "verifier", "it is the URI of whoever verified");
  if (!table.has("result")) table.missing("result", `it is "PASSED" or "FAILED"`);
  const result = table.choice("result", summaryResults);
  if (!table.has("at")) table.missing("at", "it says when it was verified");
  const at = parseTime(table, "at");
  table.finish();
  return by && verifier && result && at ? { by, verifier, result, at } : undefined;
}

function parseKey(table: TableReader, key: string): KeyId | undefined {
  const text = required(table, key, 'it is a signer, or a key: "ed25519:…" or "p256:…"');
  const known = text === undefined ? undefined : keyOfId(text);
  const id = known && keyIdOf(known);
  return text === undefined || id !== undefined ? id : table.wrong(key, `"${text}" is no public key`);
}

/** A list of words, such as "none", and of tables. */
function wordsAnd<const Word extends string, T>(
  table: TableReader,
  key: string,
  words: readonly Word[],
  parse: (table: TableReader) => T | undefined,
): (Word | T)[] | undefined {
  const read = table
    .textsAndTables(key)
    ?.map((item, at) => (typeof item === "string" ? knownWord(table, key, item, words, at) : parse(item)));
  return read?.filter((each) => each !== undefined);
}
