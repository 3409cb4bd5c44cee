import { statementType } from "../attestation/statement.ts";
import { isHexDigest } from "../distribution/digest.ts";
import type { ArtifactFilename } from "../distribution/filename.ts";
import { JsonReader } from "../encoding/json-reader.ts";
import { AttestationError } from "../errors.ts";

/** A SLSA verification summary (slsa.dev/spec/v1.0/verification_summary): a verifier's word that it judged a file. */
export interface VerificationSummary {
  /** The URI of whoever verified. */
  readonly verifier: string;
  readonly result: SummaryResult;
  readonly timeVerified: Date;
  /** SHA-256 of the files that it is about, lower-case hex. */
  readonly subjects: readonly string[];
}

export type SummaryResult = "PASSED" | "FAILED";

/** What one summary is written from. */
export interface JudgedFile {
  readonly filename: ArtifactFilename;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly result: SummaryResult;
  /** The URI of whoever verified. */
  readonly verifier: string;
  readonly verifierVersion: string;
  readonly timeVerified: Date;
  readonly policy: { readonly uri: string; readonly sha256: string };
}

const summaryPredicateType = "https://slsa.dev/verification_summary/v1";
const maxSubjects = 1024;

/** The statement as bytes: what is signed. */
export function writeSummary(judged: JudgedFile): Buffer {
  const { filename, sha256, result, verifier, verifierVersion, timeVerified, policy } = judged;
  const statement = {
    _type: statementType,
    subject: [{ name: filename.text, digest: { sha256 } }],
    predicateType: summaryPredicateType,
    predicate: {
      verifier: { id: verifier, version: { tspip: verifierVersion } },
      // RFC 3339 with seconds, as the specification's examples have it.
      timeVerified: timeVerified.toISOString().replace(/\.\d+Z$/, "Z"),
      resourceUri: resourceUri(filename),
      policy: { uri: policy.uri, digest: { sha256: policy.sha256 } },
      verificationResult: result,
      // A policy asks who signed, and not how well the build was protected.
      verifiedLevels: [result === "PASSED" ? "SLSA_BUILD_LEVEL_UNEVALUATED" : "FAILED"],
      slsaVersion: "1.0",
    },
  };
  return Buffer.from(JSON.stringify(statement));
}

/** The file as a package URL (ECMA-427, type `pypi`). */
function resourceUri({ name, version, text }: ArtifactFilename): string {
  return `pkg:pypi/${name}@${encodeURIComponent(version.text)}?file_name=${encodeURIComponent(text)}`;
}

/**
 * Reads a summary out of a payload whose signature was verified.
 * @throws AttestationError
 */
export function readSummary(payload: Buffer): VerificationSummary {
  const statement = JsonReader.parse(payload, "statement", refuse);
  const [type, predicateType] = [statement.member("_type").text(), statement.member("predicateType").text()];
  if (type !== statementType || predicateType !== summaryPredicateType)
    refuse(`it is a "${type}" with the predicate type "${predicateType}"`);
  const predicate = statement.member("predicate");
  const result = predicate.member("verificationResult").text();
  if (result !== "PASSED" && result !== "FAILED") refuse(`its result is "${result}", neither PASSED nor FAILED`);
  const timeVerified = new Date(predicate.member("timeVerified").text());
  if (Number.isNaN(timeVerified.getTime())) refuse("it does not say when it was made");
  return {
    verifier: predicate.member("verifier").member("id").text(),
    result: result as SummaryResult,
    timeVerified,
    subjects: statement
      .member("subject")
      .elements(maxSubjects)
      .flatMap((subject) => {
        const sha256 = subject.member("digest").optional("sha256")?.text();
        return sha256 !== undefined && isHexDigest("sha256", sha256) ? [sha256.toLowerCase()] : [];
      }),
  };
}

function refuse(problem: string): never {
  throw new AttestationError("summary-unreadable", `Cannot use the summary: ${problem}`);
}
