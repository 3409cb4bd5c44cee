import type { TomlTable, TomlValue } from "smol-toml";
import { isHexDigest } from "../../distribution/digest.ts";
import { parseFilename } from "../../distribution/filename.ts";
import { isVersion } from "../../distribution/version.ts";
import { type JsonValue, parseJson } from "../../encoding/json.ts";
import { messageOf } from "../../errors.ts";
import { type KeyId, keyIdOf, keyOfId } from "../../trust/key-id.ts";
import type { Publisher } from "../../trust/publisher.ts";
import { type FindingId, findingCatalog } from "../../verdict/finding-catalog.ts";
import { didYouMean } from "../did-you-mean.ts";
import type { Path } from "../locate.ts";
import { Mistakes, policyFileError } from "../mistakes.ts";
import { parsePublisher, publisherKinds } from "../parse-publisher.ts";
import { origins, relations } from "../policy.ts";
import { decode } from "../read-toml.ts";
import { TableReader } from "../table-reader.ts";
import { locateJson } from "./locate-json.ts";
import {
  type AttestationBy,
  attestationWords,
  type CaseAttestation,
  type CaseSignature,
  type CaseSummary,
  caseHashes,
  caseRecords,
  type PolicyCase,
  projectStatuses,
  signatureForms,
  signatureWords,
  summaryResults,
  summaryWords,
} from "./policy-case.ts";

/** Under which key the list of cases is read, as messages name it. */
const root = "case";

/**
 * Reads a `cases.json`. Its objects are read as the tables of a policy are, so that mistakes are told in the same way.
 * @param file its name, for messages
 * @throws PolicyFileError `invalid-cases` that tells every mistake with line, column and excerpt
 */
export function parseCases(content: string | Uint8Array, file: string): readonly PolicyCase[] {
  const text = decode(content, file, "cases");
  const list = readJson(text, file);
  const locate = locateJson(text);
  // The list has no key in the file.
  const mistakes = new Mistakes(text, file, ([, ...path]) => locate(path), "cases");
  const table = toTable({ [root]: list }, [], mistakes);
  const titles = new Set<string>();
  const cases = new TableReader(table, [], mistakes).tables(root).map((reader) => parseCase(reader, titles));
  mistakes.throwIfAny();
  return cases.filter((each) => each !== undefined);
}

function readJson(text: string, file: string): readonly JsonValue[] {
  const fail = (message: string) => policyFileError(file, 1, [`${file}: ${message}`], "cases");
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (error) {
    throw fail(`this is not JSON: ${messageOf(error)}`);
  }
  if (!isList(value)) throw fail('a file of cases is a list: [{ "title": …, "artifact": …, "expect": … }, …]');
  if (value.length === 0) throw fail("there is no case in it");
  return value;
}

/** JSON as TOML has it; `null`, which TOML lacks, is a mistake, and reads as absent. */
function toTable(object: { readonly [name: string]: JsonValue }, path: Path, mistakes: Mistakes): TomlTable {
  const members = Object.entries(object).map(([name, value]) => [name, toToml(value, [...path, name], mistakes)]);
  return Object.assign(Object.create(null), Object.fromEntries(members.filter(([, value]) => value !== undefined)));
}

function toToml(value: JsonValue, path: Path, mistakes: Mistakes): TomlValue | undefined {
  if (value === null) {
    mistakes.aboutValue(path, "null says nothing; leave it out");
    return undefined;
  }
  if (isList(value))
    return value.flatMap((item, at): TomlValue[] => {
      const converted = toToml(item, [...path, at], mistakes);
      return converted === undefined ? [] : [converted];
    });
  if (typeof value === "object") return toTable(value, path, mistakes);
  return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function parseCase(table: TableReader, titles: Set<string>): PolicyCase | undefined {
  const title = required(table, "title", "it says what the case is about");
  if (title !== undefined && titles.has(title)) table.wrong("title", "an earlier case has this title");
  if (title !== undefined) titles.add(title);
  const artifact = parseArtifact(table);
  const attestations = parseAttestations(table);
  const signatures = parseSignatures(table);
  const summaries = parseSummaries(table);
  const hash = table.choice("hash", caseHashes);
  const record = table.choice("record", caseRecords);
  const now = parseTime(table, "now");
  const expect = parseExpectation(table);
  table.finish();
  if (title === undefined || artifact === undefined || attestations === undefined || expect === undefined)
    return undefined;
  return {
    title,
    artifact,
    attestations,
    ...(signatures && { signatures }),
    ...(summaries && { summaries }),
    ...(hash && { hash }),
    ...(record && { record }),
    ...(now && { now }),
    expect,
  };
}

function parseArtifact(parent: TableReader): PolicyCase["artifact"] | undefined {
  const table = parent.table("artifact");
  if (!parent.has("artifact")) return parent.missing("artifact", 'it is the file, { "filename": … }');
  if (table === undefined) return undefined;
  const filename = required(table, "filename", "it is the name of a wheel or source distribution");
  if (filename !== undefined) checkFilename(table, filename);
  const index = table.text("index");
  if (index !== undefined && !URL.canParse(index)) table.wrong("index", `"${index}" is no URL`);
  const origin = table.choice("origin", origins);
  if (index !== undefined && origin !== undefined && origin !== "index")
    table.wrongKey("index", `what comes from "${origin}" comes from no index`);
  const relation = table.choice("relation", relations);
  const yanked = table.text("yanked", true);
  const projectStatus = table.choice("project-status", projectStatuses);
  const sha256 = table.text("sha256");
  if (sha256 !== undefined && !isHexDigest("sha256", sha256))
    table.wrong("sha256", `"${sha256}" is no sha256, expected 64 hexadecimal digits`);
  const uploadTime = parseTime(table, "upload-time");
  const attestedBefore = table.text("attested-before");
  if (attestedBefore !== undefined && !isVersion(attestedBefore))
    table.wrong("attested-before", `"${attestedBefore}" is no version`);
  table.finish();
  if (filename === undefined) return undefined;
  return {
    filename,
    ...(index && { index }),
    ...(origin && { origin }),
    ...(relation && { relation }),
    ...(yanked !== undefined && { yanked }),
    ...(projectStatus && { projectStatus }),
    ...(sha256 && { sha256: sha256.toLowerCase() }),
    ...(uploadTime && { uploadTime }),
    ...(attestedBefore && { attestedBefore }),
  };
}

function checkFilename(table: TableReader, filename: string): void {
  try {
    parseFilename(filename);
  } catch (error) {
    table.wrong("filename", messageOf(error));
  }
}

function parseAttestations(table: TableReader): CaseAttestation[] | undefined {
  if (!table.has("attestations")) return table.missing("attestations", 'it is ["none"] where there are none');
  return table.textsAndTables("attestations")?.flatMap((item, at): CaseAttestation[] => {
    if (typeof item !== "string") return parseAttestation(item) ?? [];
    return knownWord(table, "attestations", item, attestationWords, at) ?? [];
  });
}

function parseAttestation(table: TableReader): AttestationBy[] | undefined {
  const publish = parseSigner(table, "publish");
  const slsa = parseSigner(table, "slsa");
  const build = parseBuild(table);
  const signedAt = parseTime(table, "signed-at");
  if (table.has("publish") === table.has("slsa"))
    table.wrongHere('an attestation is { "publish": SIGNER } or { "slsa": SIGNER }');
  table.finish();
  return [
    { ...(publish && { publish }), ...(slsa && { slsa }), ...(build && { build }), ...(signedAt && { signedAt }) },
  ];
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

function parseSignatures(table: TableReader): CaseSignature[] | undefined {
  return table.textsAndTables("signatures")?.flatMap((item, at): CaseSignature[] => {
    if (typeof item !== "string") return parseSignature(item) ?? [];
    return knownWord(table, "signatures", item, signatureWords, at) ?? [];
  });
}

function parseSignature(table: TableReader): CaseSignature[] | undefined {
  const id = parseKey(table, "key");
  const keyName = table.text("key-name");
  const form = table.choice("form", signatureForms);
  table.finish();
  return id && [{ key: id, ...(keyName && { keyName }), ...(form && { form }) }];
}

function parseSummaries(table: TableReader): CaseSummary[] | undefined {
  return table.textsAndTables("summaries")?.flatMap((item, at): CaseSummary[] => {
    if (typeof item !== "string") return parseSummary(item) ?? [];
    return knownWord(table, "summaries", item, summaryWords, at) ?? [];
  });
}

/** `by` is a signer as an attestation has it, or the text of a key. */
function parseSummary(table: TableReader): CaseSummary[] | undefined {
  const by = table.isTable("by") ? parseSigner(table, "by") : parseKey(table, "by");
  const verifier = required(table, "verifier", "it is the URI of whoever verified");
  if (!table.has("result")) table.missing("result", `it is "PASSED" or "FAILED"`);
  const result = table.choice("result", summaryResults);
  if (!table.has("at")) table.missing("at", "it says when it was verified");
  const at = parseTime(table, "at");
  table.finish();
  return by && verifier && result && at ? [{ by, verifier, result, at }] : undefined;
}

function parseKey(table: TableReader, key: string): KeyId | undefined {
  const text = required(table, key, 'it is a signer, or a key: "ed25519:…" or "p256:…"');
  const known = text === undefined ? undefined : keyOfId(text);
  const id = known && keyIdOf(known);
  return text === undefined || id !== undefined ? id : table.wrong(key, `"${text}" is no public key`);
}

function parseExpectation(parent: TableReader): PolicyCase["expect"] | undefined {
  const table = parent.table("expect");
  if (!parent.has("expect")) return parent.missing("expect", 'it is the verdict, { "decision": … }');
  if (table === undefined) return undefined;
  if (!table.has("decision")) table.missing("decision", `it is "allow", "deny" or "undecided"`);
  const decision = table.choice("decision", ["allow", "deny", "undecided"]);
  const rule = table.text("rule");
  const findings = table
    .texts("findings", true)
    ?.flatMap((id, at) => knownWord(table, "findings", id, Object.keys(findingCatalog) as FindingId[], at) ?? []);
  table.finish();
  return decision && { decision, ...(rule !== undefined && { rule }), ...(findings && { findings }) };
}

function knownWord<const Word extends string>(
  table: TableReader,
  key: string,
  text: string,
  words: readonly Word[],
  at: number,
): Word[] | undefined {
  const word = words.find((known) => known === text);
  if (word !== undefined) return [word];
  // Of the dozens of findings, a list says no more than their page does.
  const wanted = words.length > 10 ? "the id of a finding" : words.map((known) => `"${known}"`).join(" | ");
  return table.wrong(key, `"${key}" holds "${text}", expected ${wanted}${didYouMean(text, words)}`, at);
}

/** RFC 3339, 5.6, or the date alone, which is its beginning in UTC. */
function parseTime(table: TableReader, key: string): string | undefined {
  const text = table.text(key);
  if (text === undefined) return undefined;
  const isFormed = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?$/.test(text);
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  // Date takes 30 February for 2 March.
  const isDay = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10));
  if (isFormed && isDay && !Number.isNaN(new Date(text).getTime())) return text;
  return table.wrong(key, `"${key}" is "${text}", expected a date, or a time such as "2026-11-21T12:00:00Z"`);
}

function required(table: TableReader, key: string, why: string): string | undefined {
  if (!table.has(key)) return table.missing(key, why);
  return table.text(key);
}
