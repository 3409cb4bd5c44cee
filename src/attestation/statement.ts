import { isHexDigest } from "../distribution/digest.ts";
import { type ArtifactFilename, parseFilename, sameFilename } from "../distribution/filename.ts";
import { isJsonObject, type JsonValue } from "../encoding/json.ts";
import { JsonReader } from "../encoding/json-reader.ts";
import { quotation, TspipError } from "../errors.ts";
import { type StepLog, UncountedPredicateError, VerificationError } from "./verification.ts";

/** An in-toto statement, version 1: somebody says `predicate` about `subjects`. */
export interface Statement {
  readonly subjects: readonly Subject[];
  readonly predicateType: string;
  /** `null` also when there is none. */
  readonly predicate: JsonValue;
}

export interface Subject {
  readonly name: string;
  /** Lower-case hex by algorithm. */
  readonly digests: ReadonlyMap<string, string>;
}

/** A file that an attestation has to be about. */
export interface AttestedFile {
  readonly filename: ArtifactFilename;
  /** Lower-case hex, computed by us from the bytes that we hold. */
  readonly sha256: string;
}

const publishPredicateType = "https://docs.pypi.org/attestations/publish/v1";
export const slsaPredicateType = "https://slsa.dev/provenance/v1";

export const statementType = "https://in-toto.io/Statement/v1";
const maxSubjects = 1024;
const maxDigests = 32;
const maxNameLength = 4096;

/** Reads a statement out of a payload whose signature was verified: unsigned bytes are never parsed. */
export function readStatement(payload: Buffer): Statement {
  const statement = JsonReader.parse(payload, "statement", refuse);
  const type = statement.member("_type").text();
  if (type !== statementType) refuse(`it is of the type "${quotation(type)}", not "${statementType}"`);
  return {
    subjects: statement.member("subject").elements(maxSubjects).map(readSubject),
    predicateType: statement.member("predicateType").text(),
    predicate: statement.member("predicate").raw ?? null,
  };
}

function readSubject(subject: JsonReader): Subject {
  const name = subject.optional("name")?.text() ?? "";
  if (name.length > maxNameLength) subject.fail("has a name that is too long");
  const digest = subject.member("digest");
  const algorithms = digest.names();
  if (algorithms.length > maxDigests) digest.fail(`has ${algorithms.length} members, the limit is ${maxDigests}`);
  return {
    name,
    digests: new Map(algorithms.map((algorithm) => [algorithm, digest.member(algorithm).text().toLowerCase()])),
  };
}

function refuse(problem: string): never {
  throw new VerificationError("statement", `Cannot use the statement: ${problem}`);
}

/**
 * PyPA: index hosted attestations, "Attestation objects": the statement has a single subject, which is the file: by
 * name, compared as a parsed file name and not as text, and by SHA-256.
 */
export function checkSubject({ subjects }: Statement, { filename, sha256 }: AttestedFile, steps?: StepLog): void {
  const [subject, ...others] = subjects;
  if (subject === undefined || others.length > 0) refuse(`it has ${subjects.length} subjects, not one`);
  const { name, digests } = subject;
  if (!sameFilename(parseName(name), filename)) {
    throw new VerificationError("subject", `Attestation is about "${name}", the file is "${filename.text}"`);
  }
  const attested = digests.get("sha256");
  if (attested === undefined || !isHexDigest("sha256", attested)) refuse("its subject has no SHA-256");
  if (attested !== sha256) {
    throw new VerificationError(
      "subject",
      `Attestation is about bytes with the SHA-256 ${attested}, the file's is ${sha256}`,
    );
  }
  steps?.push({ check: "subject", detail: `"${name}", sha256 ${sha256}` });
}

function parseName(name: string): ArtifactFilename {
  try {
    return parseFilename(name);
  } catch (error) {
    if (!(error instanceof TspipError)) throw error;
    throw new VerificationError("subject", `Attestation is about "${name}", which is no file name: ${error.message}`);
  }
}

/**
 * Only two types of predicates say something about how a file was made.
 * @throws UncountedPredicateError for any other type
 */
export function checkPredicate({ predicateType, predicate }: Statement, steps?: StepLog): void {
  switch (predicateType) {
    case publishPredicateType:
      // docs.pypi.org/attestations/publish/v1: the predicate is empty. Something in it would be read by nobody.
      if (!isEmpty(predicate))
        throw new VerificationError("predicate", "Publish attestation has a predicate that is not empty");
      break;
    case slsaPredicateType:
      if (!isJsonObject(predicate))
        throw new VerificationError("predicate", "SLSA provenance has a predicate that is no object");
      break;
    default:
      throw new UncountedPredicateError(predicateType);
  }
  steps?.push({ check: "predicate", detail: predicateType });
}

function isEmpty(predicate: JsonValue): boolean {
  return predicate === null || (isJsonObject(predicate) && Object.keys(predicate).length === 0);
}
