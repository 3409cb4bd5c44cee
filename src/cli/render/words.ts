import type { SignerFields } from "../../trust/signer-fields.ts";
import type {
  Report,
  ReportedArtifact,
  ReportedChange,
  ReportedCoverage,
  ReportedEvidence,
  ReportedTightening,
} from "../report/report.ts";

/** The words that renderings share. Text from outside stands in them unescaped: each renderer escapes for its medium. */

/** Whether a policy judged: an audit without `--policy` has a rule of its own. */
export function isByPolicy({ command, artifacts }: Report): boolean {
  return command !== "audit" || artifacts.some(({ rule }) => rule !== "audit");
}

/** Who and what speaks for the artifact, one phrase a piece of evidence; what speaks against it is in its findings. */
export function vouching({ evidence }: ReportedArtifact): string[] {
  return evidence.flatMap(vouches);
}

function vouches(evidence: ReportedEvidence): string[] {
  if (evidence.kind === "attestation") return [attestationWords(evidence)];
  if (evidence.kind === "wheel-signature") return [signatureWords(evidence)];
  if (evidence.outcome !== "verified") return [];
  switch (evidence.kind) {
    case "user-hash":
      return [evidence.pinned_by === "bundle" ? "hash pinned by the bundle" : "hash pinned by you"];
    case "index-digest":
      return ["hash promised by the index"];
    case "summary":
      return [`${evidence.result === "PASSED" ? "passed" : "failed"} when "${evidence.verifier}" verified it`];
    case "record":
      return [`${evidence.files ?? 0} files match RECORD`];
    default:
      return [];
  }
}

const absences: Readonly<Record<string, string>> = {
  none: "no attestation",
  unknown: "no attestation known",
  refused: "attestations are not shown to us",
  empty: "a provenance document without attestations",
  predicate: "no attestation of a kind that counts",
};

function attestationWords({ outcome, signer, log_index, absence, predicate_type }: ReportedEvidence): string {
  if (outcome === "absent") return absences[absence ?? ""] ?? "no attestation";
  if (outcome !== "verified" || signer === undefined) return `attestation ${outcome}`;
  const predicate = predicate_type?.includes("slsa") ? "built" : "published";
  return `${predicate} by ${signerWords(signer)}${log_index === undefined ? "" : `, log index ${log_index}`}`;
}

/** Every signature with its fate: one that does not count is shown as well. */
function signatureWords({ outcome, key, key_name, form, source = "", reason }: ReportedEvidence): string {
  const place = source.replace(/^.*\//, "");
  switch (outcome) {
    case "verified":
      return `signed (${form}) by ${key_name === undefined ? key : `${key_name}, ${key}`}`;
    case "absent":
      return "no signature";
    case "unknown":
      return `signature by nobody who is trusted (${place}): ${key ?? reason}`;
    case "invalid":
      return `signature invalid (${place})`;
    default:
      return `signature not judged (${place}): ${reason}`;
  }
}

const kinds: Readonly<Record<string, string>> = {
  github: "GitHub",
  gitlab: "GitLab",
  google: "Google",
  circleci: "CircleCI",
  activestate: "ActiveState",
};

/** `GitHub pypa/sampleproject release.yml` */
export function signerWords(signer: SignerFields): string {
  const who = signer.repository ?? signer.email ?? signer.vcs_origin ?? signer.project_id ?? signer.subject;
  const workflow = signer.workflow === undefined ? "" : ` ${signer.workflow}`;
  return `${kinds[signer.kind] ?? signer.kind} ${who ?? "(no name)"}${workflow}`;
}

/** The distinct signers whose attestations verified. */
export function signersOf({ evidence }: Pick<ReportedArtifact, "evidence">): string[] {
  const verified = evidence.filter(({ kind, outcome }) => kind === "attestation" && outcome === "verified");
  return [...new Set(verified.flatMap(({ signer }) => (signer === undefined ? [] : [signerWords(signer)])))];
}

/** Why nobody signed, as far as it is known: `no attestation`. */
export function missingWords({ evidence }: Pick<ReportedArtifact, "evidence">): string {
  const attestations = evidence.filter(({ kind }) => kind === "attestation");
  return attestations.length === 0
    ? "attestations were not looked for"
    : [...new Set(attestations.map(attestationWords))].join(", ");
}

/** What was not looked at; nothing when all was. */
export function unseenWords(artifacts: readonly ReportedArtifact[]): string | undefined {
  const byDigest = artifacts.filter(({ unseen = [] }) => unseen.length > 0).length;
  if (byDigest === 0) return undefined;
  const whose = byDigest === 1 ? "its archive and its RECORD" : "their archives and RECORDs";
  return `Judged ${counted(byDigest, "artifact")} by the digest in the lock file, without the bytes: ${whose} were not looked at (--download looks at them)`;
}

/** `2 of 3 artifacts attested (66 %), all files of 2 of 3 projects` */
export function coverageWords({ artifacts, projects }: ReportedCoverage): string {
  // Never "100 %" of almost all.
  const share = artifacts.total === 0 ? 100 : Math.floor((100 * artifacts.attested) / artifacts.total);
  const files = `${artifacts.attested} of ${counted(artifacts.total, "artifact")} attested (${share} %)`;
  const unknown = artifacts.unknown === 0 ? "" : `, of ${artifacts.unknown} it is not known`;
  return `${files}${unknown}; all files of ${projects.attested} of ${counted(projects.total, "project")}`;
}

/** `published by GitHub acme/tool release.yml: 2 artifacts` */
export function signerShareWords({ signer, predicate, artifacts }: ReportedCoverage["signers"][number]): string {
  return `${predicate === "slsa" ? "built" : "published"} by ${signer}: ${counted(artifacts, "artifact")}`;
}

export const unattestedWords = { unattested: "not attested", unknown: "not known" } as const;

/** `rule "default" is enforced from 2027-01-01 on and would refuse 1 artifact` */
export function upcomingWords({ rule, from, artifacts }: ReportedTightening): string {
  const undecided = artifacts.filter(({ decision }) => decision === "undecided").length;
  const refused = artifacts.length - undecided;
  const open = undecided === 0 ? "" : `, and could not decide about ${counted(undecided, "artifact")}`;
  const what = artifacts.length === 0 ? "would refuse nothing" : `would refuse ${counted(refused, "artifact")}${open}`;
  return `rule "${rule}" ${from === undefined ? "only warns; enforced, it" : `is enforced from ${from} on and`} ${what}`;
}

/** `1.0 → 2.0` */
export function versionWords({ before, after }: ReportedChange): string {
  const [was, is] = [before?.versions.join(", "), after?.versions.join(", ")];
  return was === undefined || is === undefined || was === is ? (is ?? was ?? "") : `${was} → ${is}`;
}

/** Who signs after a change, and what became of whoever did before. */
export function signerChangeWords({ change, before, after, signers }: ReportedChange): string {
  const [was, is] = [before?.signers?.join(", "), after?.signers?.join(", ")];
  if (change === "removed") return "";
  switch (signers) {
    case "lost":
      return `signer lost, was ${was}`;
    case "changed":
      return `signer changed from ${was} to ${is}`;
    case "new":
      return `newly signed by ${is}`;
    case "same":
      return is === "" ? "nobody signs" : `signed by ${is} as before`;
    default:
      if (is === undefined) return "signers not known";
      return is === "" ? "nobody signs" : `signed by ${is}`;
  }
}

/** `1 artifact`, `2 artifacts` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `release: full-provenance (4 of 4 files), changed-provenance since 1.2`. */
export function releaseWords({
  states,
  files,
  files_with_provenance,
  compared_with,
}: NonNullable<ReportedArtifact["release"]>): string {
  const [own = "", ...others] = states;
  const further = others.map((state) =>
    state === "inconsistent-provenance" ? state : `${state} since ${compared_with}`,
  );
  return `release: ${[`${own} (${files_with_provenance} of ${counted(files, "file")})`, ...further].join(", ")}`;
}
