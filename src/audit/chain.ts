import type { Installed } from "../environment/installed.ts";
import type { ReceiptAttestation } from "../verdict/receipt.ts";
import type { Facts } from "./facts.ts";
import { installedArchive } from "./installed-archive.ts";

/** One link of the chain from what was asked for to the files that lie there. */
export interface ChainLink {
  readonly link: "lock" | "index" | "policy" | "attestation" | "bytes" | "record" | "files";
  /** `verified`: compared now. `recorded`: written down when it was installed. `broken`: compared, and not the same. */
  readonly state: "verified" | "recorded" | "absent" | "broken";
  /** With its algorithm: `sha256:…`. */
  readonly digest?: string;
  readonly detail: string;
  /** How it is known. */
  readonly known_by: string;
}

/** What a lock file has of the distribution. */
export interface LockedDigests {
  readonly place: string;
  /** `sha256:…` */
  readonly digests: readonly string[];
}

/**
 * The chain of one distribution: lock, index, policy, attestation, bytes, RECORD, installed files. What was seen before it
 * was installed is known by its receipt, so nobody has to be asked.
 * @param recordDigest SHA-256 of RECORD as it lies there
 */
export function chainOf(
  installed: Installed,
  { recorded }: Pick<Facts, "recorded">,
  recordDigest: string | undefined,
  locked: LockedDigests | undefined,
): readonly ChainLink[] {
  const digest = archiveDigest(installed);
  return [
    lockLink(locked, digest),
    indexLink(installed),
    policyLink(installed),
    ...attestationLinks(installed),
    bytesLink(installed, digest),
    recordLink(installed, recordDigest),
    filesLink(recorded.filter((file) => file.installed === installed)),
  ];
}

function archiveDigest(installed: Installed): string | undefined {
  const { sha256 } = installedArchive(installed) ?? {};
  return sha256 === undefined ? undefined : `sha256:${sha256}`;
}

function lockLink(locked: LockedDigests | undefined, digest: string | undefined): ChainLink {
  if (locked === undefined)
    return { link: "lock", state: "absent", detail: "No lock file was given that has it", known_by: "--lock" };
  const { place, digests } = locked;
  if (digest === undefined)
    return { link: "lock", state: "absent", detail: `"${place}" locks ${digests.length} files`, known_by: "lock file" };
  return digests.includes(digest)
    ? { link: "lock", state: "verified", digest, detail: `"${place}" has the archive`, known_by: "lock file" }
    : { link: "lock", state: "broken", digest, detail: `"${place}" does not have the archive`, known_by: "lock file" };
}

function indexLink(installed: Installed): ChainLink {
  const { installer = "an unknown installer" } = installed;
  const archive = installedArchive(installed);
  if (archive !== undefined) return { link: "index", state: "recorded", detail: archive.url, known_by: archive.by };
  return { link: "index", state: "absent", detail: `${installer} did not write it down`, known_by: "INSTALLER" };
}

function policyLink({ receipt }: Installed): ChainLink {
  if (receipt === undefined) return { link: "policy", state: "absent", detail: "No receipt", known_by: "receipt" };
  const { rule, policy } = receipt.verdict;
  return {
    link: "policy",
    state: "recorded",
    digest: `sha256:${policy}`,
    detail: `Rule "${rule}"`,
    known_by: "receipt",
  };
}

function attestationLinks({ receipt }: Installed): ChainLink[] {
  const attestations = receipt?.attestations ?? [];
  if (attestations.length === 0)
    return [{ link: "attestation", state: "absent", detail: "None was verified", known_by: "receipt" }];
  return attestations.map((attestation) => ({
    link: "attestation",
    state: "recorded",
    detail: describe(attestation),
    known_by: "receipt",
  }));
}

function describe({ predicateType, signer, logIndex, signedAt }: ReceiptAttestation): string {
  const fields = Object.entries(signer).map(([name, value]) => `${name} ${value}`);
  const logged = logIndex === undefined ? "" : `, log index ${logIndex}`;
  return `${predicateType} by ${fields.join(", ")}${logged}, signed ${signedAt}`;
}

function bytesLink(installed: Installed, digest: string | undefined): ChainLink {
  const archive = installedArchive(installed);
  if (digest === undefined || archive === undefined)
    return { link: "bytes", state: "absent", detail: "Nobody wrote the archive's digest down", known_by: "receipt" };
  const { filename = archive.url, by } = archive;
  const size = installed.receipt === undefined ? "" : `, ${installed.receipt.artifact.size} bytes`;
  return { link: "bytes", state: "recorded", digest, detail: `${filename}${size}`, known_by: by };
}

function recordLink({ record, distInfo }: Installed, digest: string | undefined): ChainLink {
  if (record === undefined || digest === undefined)
    return { link: "record", state: "absent", detail: `"${distInfo}" has no RECORD`, known_by: "RECORD" };
  return { link: "record", state: "recorded", digest, detail: `${record.length} files`, known_by: "RECORD" };
}

function filesLink(files: Facts["recorded"]): ChainLink {
  const count = (...states: string[]) => files.filter(({ state }) => states.includes(state)).length;
  const bad = files.filter(
    ({ state, path }) => ["changed", "missing", "unreadable"].includes(state) && !path.endsWith(".pyc"),
  );
  const [first] = bad;
  const detail = `${count("same")} as RECORD has them, ${count("unhashed")} without hash, ${bad.length} changed or missing`;
  if (files.length === 0)
    return { link: "files", state: "absent", detail: "Nothing to compare with", known_by: "RECORD" };
  return first === undefined
    ? { link: "files", state: "verified", detail, known_by: "hashing each file" }
    : { link: "files", state: "broken", detail: `${detail}: "${first.row.path}"`, known_by: "hashing each file" };
}
