import { type ArtifactFilename, isOf } from "../distribution/filename.ts";
import { ArtifactError } from "../errors.ts";
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

/** The form's names of core metadata fields. What else stands in the headers is not the form's to say. */
const formNames: ReadonlyMap<string, string> = new Map([
  ...[
    "metadata-version",
    "name",
    "version",
    "dynamic",
    "platform",
    "supported-platform",
    "summary",
    "description-content-type",
    "keywords",
    "author",
    "author-email",
    "maintainer",
    "maintainer-email",
    "license",
    "license-expression",
    "home-page",
    "download-url",
    "requires-python",
    "requires-external",
    "requires-dist",
    "provides-dist",
    "obsoletes-dist",
    "provides-extra",
    "import-name",
    "import-namespace",
  ].map((field) => [field, field.replaceAll("-", "_")] as const),
  ["classifier", "classifiers"],
  ["project-url", "project_urls"],
  ["license-file", "license_files"],
]);

/** The form of PyPI's upload API (docs.pypi.org, "Upload API"): `file_upload`, protocol version 1, without the file. */
export function uploadForm({ filename, metadata, sha256, attestations }: UploadDescription): FormField[] {
  const headers = parseHeaders(metadata, filename.kind === "wheel" ? "METADATA" : "PKG-INFO");
  checkIdentity(headers, filename);
  const fields = [...headers].flatMap(([header, values]): FormField[] => {
    const name = formNames.get(header);
    return name === undefined ? [] : values.filter((value) => value !== "").map((value) => [name, value]);
  });
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

/** The gate has compared a wheel with its name already; a source distribution nobody has. */
function checkIdentity(headers: ReadonlyMap<string, readonly string[]>, filename: ArtifactFilename): void {
  const [name = "", version = ""] = ["name", "version"].map((field) => headers.get(field)?.[0]);
  if (!isOf(filename, name, version))
    throw new ArtifactError(
      "wheel-identity-mismatch",
      `"${filename.text}" says of itself that it is ${name} ${version}`,
    );
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
