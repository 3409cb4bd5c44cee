import type { Flaw } from "../flaw.ts";
import type { Statement, Subject } from "../statement.ts";

/** A statement, signed and logged as it is, that does not say what it should. */
export const statementFlaws = {
  "wrong-digest": {
    because: "the statement's sha256 is that of other bytes (PEP 740, verification: digest of the distribution)",
    finding: "attestation-subject-mismatch",
    check: "subject",
    statement: (statement) => withSubject(statement, { digest: { sha256: "00".repeat(32) } }),
  },
  "wrong-subject-name": {
    because: "the subject is another, well-formed wheel name (PEP 740: the subject's name is the file name)",
    finding: "attestation-subject-mismatch",
    check: "subject",
    statement: (statement) => withSubject(statement, { name: "another-1.0-py3-none-any.whl" }),
  },
  "subject-name-no-wheel": {
    because: "the subject's name is no distribution's file name (PEP 740: it has to be a valid wheel or sdist name)",
    finding: "attestation-subject-mismatch",
    check: "subject",
    statement: (statement) => withSubject(statement, { name: `./${statement.subject[0]?.name}` }),
  },
  "weak-digest-only": {
    because: "the subject has no sha256, only md5 (PEP 740: the digest is a SHA-256)",
    finding: "attestation-invalid",
    check: "statement",
    statement: (statement) => withSubject(statement, { digest: { md5: "00".repeat(16) } }),
  },
  "extra-subject": {
    because: "the statement has two subjects (PEP 740: a single one)",
    finding: "attestation-invalid",
    check: "statement",
    statement: (statement) => ({
      ...statement,
      subject: [...statement.subject, { name: "another-1.0-py3-none-any.whl", digest: { sha256: "00".repeat(32) } }],
    }),
  },
  "no-subject": {
    because: "the statement has no subject (PEP 740: a single one)",
    finding: "attestation-invalid",
    check: "statement",
    statement: (statement) => ({ ...statement, subject: [] }),
  },
  "statement-type": {
    because: "the payload says that it is a statement of another type (in-toto Statement v1)",
    finding: "attestation-invalid",
    check: "statement",
    statement: (statement) => ({ ...statement, _type: "https://in-toto.io/Statement/v0.1" }),
  },
  "statement-duplicate-member": {
    because: 'the signed JSON has two members "subject", and readers differ in which one they take (RFC 8259, 4)',
    finding: "attestation-invalid",
    check: "statement",
    statementText: (text) => text.replace("{", '{"subject":[],'),
  },
  "statement-no-json": {
    because: "the signed payload is no JSON (in-toto Statement v1)",
    finding: "attestation-invalid",
    check: "statement",
    statementText: (text) => text.slice(0, -1),
  },
  "unknown-predicate": {
    because: "its predicate type is neither publish/v1 nor SLSA provenance/v1, so it counts for nothing",
    finding: "attestation-absent",
    statement: (statement) => ({ ...statement, predicateType: "https://example.test/predicate/v1" }),
  },
  "publish-predicate-not-empty": {
    because: "the predicate of publish/v1 is neither null nor {} (PyPI publish attestation, v1)",
    finding: "attestation-invalid",
    check: "predicate",
    statement: (statement) => ({ ...statement, predicate: { note: "surplus" } }),
  },
} as const satisfies Record<string, Flaw>;

function withSubject(statement: Statement, change: Partial<Subject>): Statement {
  return { ...statement, subject: statement.subject.map((subject) => ({ ...subject, ...change })) };
}
