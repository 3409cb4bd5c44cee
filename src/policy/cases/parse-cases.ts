import { type JsonValue, parseJson } from "../../encoding/json.ts";
import { messageOf } from "../../errors.ts";
import { type FindingId, findingCatalog } from "../../verdict/finding-catalog.ts";
import { Mistakes, policyFileError } from "../mistakes.ts";
import { decode } from "../read-toml.ts";
import { TableReader } from "../table-reader.ts";
import { knownWord, parseTime, required } from "./case-fields.ts";
import { toTable } from "./json-as-toml.ts";
import { locateJson } from "./locate-json.ts";
import { parseArtifact } from "./parse-artifact.ts";
import { parseAttestations, parseSignatures, parseSummaries } from "./parse-evidence.ts";
import { caseHashes, caseRecords, type PolicyCase } from "./policy-case.ts";

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
  if (!Array.isArray(value)) throw fail('a file of cases is a list: [{ "title": …, "artifact": …, "expect": … }, …]');
  if (value.length === 0) throw fail("there is no case in it");
  return value;
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
