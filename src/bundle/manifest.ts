import type { ArtifactRef, ArtifactSource, ProjectStatus } from "../distribution/artifact.ts";
import { type Digests, isHashAlgorithm, isHexDigest } from "../distribution/digest.ts";
import { parseFilename } from "../distribution/filename.ts";
import type { JsonObject, JsonValue } from "../encoding/json.ts";
import { JsonReader } from "../encoding/json-reader.ts";
import { ArtifactError, UsageError } from "../errors.ts";
import { type MemberDigest, type MemberDigests, memberFolders } from "./members.ts";

/** What a bundle says of itself: every member by its digest, and of each artifact what its index said. */
export interface BundleManifest {
  /** All but the manifest and its signature. */
  readonly members: MemberDigests;
  readonly artifacts: readonly BundledArtifact[];
  /** The member that is the policy file; those that it includes lie as they lay beside it. */
  readonly policy: string;
  /** When the trusted root was written, where the policy asks how old it is. */
  readonly trustedRootWritten?: Date;
  /** What servers answered when the keyring was looked at, by URL; absent members are answers of 404. */
  readonly keyring?: { readonly answers: ReadonlyMap<string, string | undefined> };
  /** Inspectors from others that judged as well where the bundle was made. */
  readonly inspectors: readonly string[];
}

/** An artifact as it was judged, without the place of its bytes on the maker's disk. */
export interface BundledArtifact {
  readonly ref: Omit<ArtifactRef, "url" | "source" | "pins"> & {
    /** Absent for a file of the maker's disk. */
    readonly url?: URL;
    readonly source: ArtifactSource | { readonly kind: "local" };
  };
  /** Whether the user named the project, as opposed to something that needs it. */
  readonly requested: boolean;
}

const manifestType = "tspip-bundle";
const manifestVersion = 1;

/** What no real bundle comes near. */
const limits = { artifacts: 50_000, members: 200_000 };

/** The bytes of a manifest: the same manifest gives the same bytes, and nothing says when. */
export function formatManifest(manifest: BundleManifest): Buffer {
  const { members, artifacts, policy, trustedRootWritten, keyring, inspectors } = manifest;
  const value: JsonObject = {
    type: manifestType,
    version: manifestVersion,
    policy,
    ...(trustedRootWritten && { "trusted-root-written": trustedRootWritten.toISOString() }),
    ...(keyring && { keyring: { answers: formatAnswers(keyring.answers) } }),
    ...(inspectors.length > 0 && { inspectors }),
    artifacts: artifacts.map(formatArtifact),
    members: Object.fromEntries([...members].map(([name, { size, sha256 }]) => [name, { size, sha256 }])),
  };
  return Buffer.from(`${JSON.stringify(value, undefined, 1)}\n`);
}

function formatAnswers(answers: ReadonlyMap<string, string | undefined>): JsonObject {
  return Object.fromEntries([...answers].map(([url, member]) => [url, member ?? false]));
}

function formatArtifact({ ref, requested }: BundledArtifact): JsonObject {
  const { filename, url, source, digests, size, requiresPython, yanked, projectStatus, uploadTime } = ref;
  return {
    filename: filename.text,
    requested,
    source: formatSource(source),
    ...(url !== undefined && { url: url.href }),
    ...(size !== undefined && { size }),
    digests: { ...digests } as JsonObject,
    ...(requiresPython !== undefined && { "requires-python": requiresPython }),
    ...(yanked !== undefined && { yanked }),
    ...(projectStatus && { "project-status": { ...projectStatus } }),
    ...(uploadTime && { "upload-time": uploadTime.toISOString() }),
    ...(ref.attestedBefore !== undefined && { "attested-before": ref.attestedBefore }),
    ...(ref.provenance === "none" && { provenance: "none" }),
  };
}

function formatSource(source: BundledArtifact["ref"]["source"]): JsonValue {
  return "url" in source ? { [source.kind]: source.url.href } : source.kind;
}

/**
 * Reads a manifest whose signature was judged already.
 * @throws ArtifactError `bundle-unreadable`; UsageError `unsupported-bundle` for another version of the format
 */
export function parseManifest(bytes: Uint8Array): BundleManifest {
  const root = JsonReader.parse(bytes, "manifest", refuse);
  if (root.member("type").text() !== manifestType) root.member("type").fail(`is not "${manifestType}"`);
  if (root.member("version").raw !== manifestVersion)
    throw new UsageError(
      "unsupported-bundle",
      `The bundle has version ${JSON.stringify(root.member("version").raw)?.slice(0, 20)} of the format, this tspip reads ${manifestVersion}`,
      { hint: "Install with the tspip that made it, or a later one" },
    );
  onlyMembers(root, [
    "type",
    "version",
    "policy",
    "trusted-root-written",
    "keyring",
    "inspectors",
    "artifacts",
    "members",
  ]);
  const written = root.optional("trusted-root-written");
  const keyring = root.optional("keyring");
  return {
    members: readMembers(root.member("members")),
    artifacts: root.member("artifacts").elements(limits.artifacts).map(readArtifact),
    policy: root.member("policy").text(),
    ...(written && { trustedRootWritten: new Date(written.time()) }),
    ...(keyring && { keyring: { answers: readAnswers(keyring.member("answers")) } }),
    inspectors: root
      .member("inspectors")
      .elements(100)
      .map((name) => name.text()),
  };
}

function readMembers(reader: JsonReader): MemberDigests {
  const names = reader.names();
  if (names.length > limits.members) reader.fail(`has ${names.length} members, the limit is ${limits.members}`);
  const folders = new Set([...Object.values(memberFolders), ...names].flatMap(foldersAbove));
  for (const name of names) if (folders.has(name)) reader.member(name).fail("is a folder as well");
  return new Map(names.map((name) => [name, readDigest(reader.member(name))]));
}

/** `a` and `a/b` of `a/b/c`. */
function foldersAbove(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, end) => parts.slice(0, end + 1).join("/"));
}

function readDigest(reader: JsonReader): MemberDigest {
  onlyMembers(reader, ["size", "sha256"]);
  const sha256 = reader.member("sha256").text();
  if (!isHexDigest("sha256", sha256)) reader.member("sha256").fail("is no SHA-256");
  return { size: Number(reader.member("size").uint64()), sha256: sha256.toLowerCase() };
}

function readAnswers(reader: JsonReader): ReadonlyMap<string, string | undefined> {
  return new Map(
    reader.names().map((url) => {
      const answer = reader.member(url);
      return [url, answer.raw === false ? undefined : answer.text()];
    }),
  );
}

const artifactMembers = [
  "filename",
  "requested",
  "source",
  "url",
  "size",
  "digests",
  "requires-python",
  "yanked",
  "project-status",
  "upload-time",
  "attested-before",
  "provenance",
];

function readArtifact(reader: JsonReader): BundledArtifact {
  onlyMembers(reader, artifactMembers);
  const requested = reader.member("requested").raw;
  if (typeof requested !== "boolean") return reader.member("requested").fail("is not true or false");
  const [url, size, uploadTime] = ["url", "size", "upload-time"].map((name) => reader.optional(name));
  const [requiresPython, yanked, attestedBefore] = ["requires-python", "yanked", "attested-before"].map((name) =>
    reader.optional(name)?.text(),
  );
  const status = reader.optional("project-status");
  const ref = {
    filename: readFilename(reader.member("filename")),
    source: readSource(reader.member("source")),
    digests: readDigests(reader.member("digests")),
    provenance: reader.has("provenance") ? ("none" as const) : ("unknown" as const),
    ...(url && { url: readUrl(url) }),
    ...(size && { size: Number(size.uint64()) }),
    ...(uploadTime && { uploadTime: new Date(uploadTime.time()) }),
    ...(requiresPython !== undefined && { requiresPython }),
    ...(yanked !== undefined && { yanked }),
    ...(attestedBefore !== undefined && { attestedBefore }),
    ...(status && { projectStatus: readStatus(status) }),
  };
  return { ref, requested };
}

function readFilename(reader: JsonReader) {
  const text = reader.text();
  try {
    return parseFilename(text);
  } catch {
    return reader.fail(`is "${text.slice(0, 100)}", which is no file name of a distribution`);
  }
}

function readSource(reader: JsonReader): BundledArtifact["ref"]["source"] {
  const { raw } = reader;
  if (raw === "direct" || raw === "local") return { kind: raw };
  const [kind, ...others] = reader.names();
  if ((kind !== "index" && kind !== "find-links") || others.length > 0)
    return reader.fail("is no source of an artifact");
  return { kind, url: readUrl(reader.member(kind)) };
}

/** What lies on the maker's disk is nobody's business, and on the receiver's disk it would be something else. */
function readUrl(reader: JsonReader): URL {
  const url = URL.parse(reader.text());
  return url !== null && /^https?:$/.test(url.protocol) ? url : reader.fail("is no http or https URL");
}

function readDigests(reader: JsonReader): Digests {
  const digests = reader.names().map((algorithm) => {
    const hex = reader.member(algorithm).text();
    if (!isHashAlgorithm(algorithm) || !isHexDigest(algorithm, hex))
      return reader.member(algorithm).fail("is no digest");
    return [algorithm, hex.toLowerCase()];
  });
  return Object.fromEntries(digests);
}

function readStatus(reader: JsonReader): ProjectStatus {
  onlyMembers(reader, ["status", "reason"]);
  const reason = reader.optional("reason")?.text();
  return { status: reader.member("status").text(), ...(reason !== undefined && { reason }) };
}

/** What is not understood could have restricted what is. */
function onlyMembers(reader: JsonReader, known: readonly string[]): void {
  const unknown = reader.names().find((name) => !known.includes(name));
  if (unknown !== undefined) reader.fail(`has "${unknown.slice(0, 50)}", which is not known`);
}

/** The name of the member that holds an artifact. */
export function artifactMember({ ref }: BundledArtifact): string {
  return memberFolders.artifacts + ref.filename.text;
}

function refuse(message: string): never {
  throw new ArtifactError("bundle-unreadable", `Cannot read the bundle: ${message}`);
}
