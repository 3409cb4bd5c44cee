import type { ArtifactFilename } from "../distribution/filename.ts";
import { parseHeaders } from "../wheel/metadata.ts";

/** One field of the form; several may have the same name. */
export type FormField = readonly [name: string, value: string];

/** What is uploaded besides the bytes. */
export interface UploadDescription {
  readonly filename: ArtifactFilename;
  /** METADATA or PKG-INFO. */
  readonly metadata: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** PEP 740 attestation objects, as JSON texts. */
  readonly attestations: readonly string[];
}

/** The form's names of core metadata fields, where they are not the field's own in lower case with `_`. */
const formNames: Readonly<Record<string, string>> = {
  classifier: "classifiers",
  "project-url": "project_urls",
  "license-file": "license_files",
};
/** Said by the form itself. */
const ownFields: ReadonlySet<string> = new Set(["description"]);

/** The form of PyPI's upload API (docs.pypi.org, "Upload API"): `file_upload`, protocol version 1, without the file. */
export function uploadForm({ filename, metadata, sha256, attestations }: UploadDescription): FormField[] {
  const headers = parseHeaders(metadata, filename.kind === "wheel" ? "METADATA" : "PKG-INFO");
  const fields = [...headers].flatMap(([name, values]): FormField[] =>
    ownFields.has(name) ? [] : values.map((value) => [formNames[name] ?? name.replaceAll("-", "_"), value]),
  );
  const description = headers.get("description")?.[0] ?? descriptionOf(metadata);
  return [
    [":action", "file_upload"],
    ["protocol_version", "1"],
    ["filetype", filename.kind === "wheel" ? "bdist_wheel" : "sdist"],
    ["pyversion", filename.kind === "wheel" ? pythonTag(filename.text) : "source"],
    ...fields,
    ...(description === "" ? [] : [["description", description] as const]),
    ["sha256_digest", sha256],
    ...(attestations.length === 0 ? [] : [["attestations", `[${attestations.join(",")}]`] as const]),
  ];
}

/** What follows the first empty line (core metadata, "Description"). */
function descriptionOf(metadata: string): string {
  const end = /\r\n\r\n|\n\n|\r\r/.exec(metadata);
  return end === null ? "" : metadata.slice(end.index + end[0].length);
}

/** The third part from the end of a wheel's name (binary distribution format). */
function pythonTag(filename: string): string {
  return filename.split("-").at(-3) ?? "py3";
}
