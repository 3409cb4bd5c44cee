import { parseRequirement, type Requirement } from "../distribution/requirement.ts";
import { parseSpecifierSet, type SpecifierSet } from "../distribution/specifier.ts";
import { ArtifactError, messageOf } from "../errors.ts";
import type { WheelNotice } from "./notice.ts";

/** Core metadata (PyPA: core metadata specifications), as far as tspip uses it. Texts are as the file has them. */
export interface CoreMetadata {
  readonly metadataVersion: string;
  readonly name: string;
  readonly version: string;
  readonly summary?: string;
  readonly author?: string;
  readonly authorEmail?: string;
  readonly maintainer?: string;
  readonly maintainerEmail?: string;
  /** Free text, before Metadata 2.4. */
  readonly license?: string;
  /** SPDX (PEP 639). */
  readonly licenseExpression?: string;
  readonly licenseFiles: readonly string[];
  readonly classifiers: readonly string[];
  readonly homePage?: string;
  readonly downloadUrl?: string;
  readonly projectUrls: readonly { readonly label: string; readonly url: string }[];
  readonly requiresPython?: SpecifierSet;
  readonly requiresDist: readonly Requirement[];
  readonly providesExtra: readonly string[];
}

/**
 * Parses METADATA: header fields, then an empty line and the description, which is not read.
 * @throws ArtifactError `wheel-metadata-invalid`; `wheel-version-unsupported` for a major version above 2
 */
export function parseMetadata(text: string): CoreMetadata {
  const fields = parseHeaders(text, "METADATA");
  const all = (name: string) => fields.get(name) ?? [];
  const one = (name: string) => all(name)[0];
  const needed = (name: string) => one(name) || fail("METADATA", `it has no ${name}`);

  const metadataVersion = needed("metadata-version");
  const major =
    /^(\d{1,4})\.\d{1,4}$/.exec(metadataVersion)?.[1] ??
    fail("METADATA", `"${metadataVersion}" is not a metadata version`);
  if (Number(major) > 2)
    throw new ArtifactError(
      "wheel-version-unsupported",
      `METADATA has version ${metadataVersion}, tspip reads up to 2`,
    );

  const requiresPython = one("requires-python");
  return {
    metadataVersion,
    name: needed("name"),
    version: needed("version"),
    ...optional({
      summary: one("summary"),
      author: one("author"),
      authorEmail: one("author-email"),
      maintainer: one("maintainer"),
      maintainerEmail: one("maintainer-email"),
      license: one("license"),
      licenseExpression: one("license-expression"),
      homePage: one("home-page"),
      downloadUrl: one("download-url"),
    }),
    licenseFiles: all("license-file"),
    classifiers: all("classifier"),
    projectUrls: all("project-url").map(parseProjectUrl),
    ...(requiresPython !== undefined && {
      requiresPython: attempt("Requires-Python", () => parseSpecifierSet(requiresPython)),
    }),
    requiresDist: all("requires-dist").map((requirement) =>
      attempt("Requires-Dist", () => parseRequirement(requirement)),
    ),
    providesExtra: all("provides-extra"),
  };
}

/** PEP 639 came with 2.4; before, setuptools wrote the field as it liked. */
export function hasLicenseRules({ metadataVersion }: CoreMetadata): boolean {
  const [major, minor] = metadataVersion.split(".").map(Number);
  return major === 2 && minor !== undefined && minor >= 4;
}

/** The latest minor version whose fields tspip knows. */
const knownMinor = 5;

/** What is odd about METADATA and no reason to refuse, in words: "a greater minor version: warn". */
export function metadataNotices({ metadataVersion }: CoreMetadata): WheelNotice[] {
  const [major, minor] = metadataVersion.split(".").map(Number);
  if (major !== 2 || minor === undefined || minor <= knownMinor) return [];
  const message = `METADATA has version ${metadataVersion}, tspip knows 2.${knownMinor}`;
  return [{ id: "wheel-version-newer", severity: "warning", message }];
}

/**
 * Parses the headers of METADATA or WHEEL, which are those of an e-mail (RFC 5322) in UTF-8: names in lower case, each
 * with its values in order. A line that begins with white space goes on with the one before. A field that says what the
 * wheel is stands there once: of two, readers take the first or the last.
 * @param file whose headers they are, for messages
 * @throws ArtifactError `wheel-metadata-invalid`
 */
export function parseHeaders(text: string, file: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  let values: string[] | undefined;
  for (const line of headersOf(text).split(/\r\n|\r|\n/)) {
    if (line === "") break;
    if (/^[ \t]/.test(line)) {
      const last = values?.pop();
      if (values === undefined || last === undefined) continue;
      values.push(`${last}\n${line.replace(/^(?: {8}\||[ \t]+)/, "")}`);
      continue;
    }
    const { name = "", value = "" } = header.exec(line)?.groups ?? fail(file, `"${line.slice(0, 60)}" is no header`);
    const key = name.toLowerCase();
    values = fields.get(key) ?? [];
    if (values.length > 0 && identifying.has(key)) fail(file, `it has ${name} twice`);
    values.push(value.trim());
    fields.set(key, values);
  }
  return fields;
}

/** Without the description, which is long and stands behind an empty line. */
function headersOf(text: string): string {
  const end = text.search(/(?:\r\n|\r(?!\n)|\n)(?:\r|\n)/);
  return text.slice(0, end === -1 ? text.length : end);
}

/** A name is of printable ASCII without a colon (RFC 5322, 3.6.8); to Python's parser, a blank in it ends the headers. */
const header = /^(?<name>[!-9;-~]+):(?<value>.*)$/s;

const identifying: ReadonlySet<string> = new Set([
  "metadata-version",
  "name",
  "version",
  "wheel-version",
  "root-is-purelib",
]);

function parseProjectUrl(text: string): { label: string; url: string } {
  const at = text.indexOf(",");
  return at === -1 ? { label: "", url: text } : { label: text.slice(0, at).trim(), url: text.slice(at + 1).trim() };
}

function attempt<T>(field: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    return fail("METADATA", `${field}: ${messageOf(error)}`);
  }
}

/** The fields that have a value. "UNKNOWN" is what old setuptools wrote for none. */
function optional<K extends string>(fields: Record<K, string | undefined>): Partial<Record<K, string>> {
  const known = Object.entries(fields).filter(
    ([, value]) => value !== undefined && value !== "" && value !== "UNKNOWN",
  );
  return Object.fromEntries(known) as Partial<Record<K, string>>;
}

function fail(file: string, why: string): never {
  throw new ArtifactError("wheel-metadata-invalid", `${file} cannot be used: ${why}`);
}
