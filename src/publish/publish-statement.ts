/** The file that a statement is about. */
export interface PublishedFile {
  readonly filename: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

export const statementType = "application/vnd.in-toto+json";

/** The statement of a publish attestation (PyPA: PyPI publish attestation v1), as text to be signed. */
export function publishStatement({ filename, sha256 }: PublishedFile): string {
  return JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: filename, digest: { sha256 } }],
    predicateType: "https://docs.pypi.org/attestations/publish/v1",
    predicate: null,
  });
}
