import type { ProjectName } from "../../distribution/project-name.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import type { LockedPackage, LockFile } from "../../plan/lock-file.ts";
import type { Policy } from "../../policy/policy.ts";
import { describeTable, tableMismatches } from "../../trust/publisher-table.ts";
import type { AttestedSigner } from "../../trust/signer.ts";
import { signerFields } from "../../trust/signer-fields.ts";
import { type Finding, finding } from "../../verdict/finding.ts";
import { counted, signerWords } from "../render/words.ts";
import type { ReportedChange, ReportedRelease } from "./report.ts";

/** A lock file, and what was judged of it. */
export interface JudgedLock {
  readonly lock: LockFile;
  readonly judged: readonly Judged[];
}

/**
 * What changed from one lock to the other, by project: every package of the locks, whatever environment it is for. Who
 * signed is known of the files for the interpreter at hand.
 */
export function diffLocks(before: JudgedLock, after: JudgedLock): ReportedChange[] {
  // What does not verify proves no signer; that it did not verify before does not prove that there was none.
  const [old, fresh] = [byProject(before, undefined), byProject(after, [])];
  const names = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return names.flatMap((name) => {
    const change = changeOf(name, old.get(name), fresh.get(name));
    return change === undefined ? [] : [change];
  });
}

interface Project {
  readonly packages: readonly LockedPackage[];
  /** The file for the interpreter at hand, where there is one. */
  readonly judged: Judged | undefined;
  /** Nothing where it is not known. */
  readonly signers: readonly string[] | undefined;
}

function byProject({ lock, judged }: JudgedLock, whenInvalid: Project["signers"]): Map<ProjectName, Project> {
  const judgedOf = new Map(judged.map((one) => [one.ref.filename.name, one]));
  const packages = Map.groupBy(lock.packages, ({ name }) => name);
  return new Map(
    [...packages].map(([name, packages]) => {
      const one = judgedOf.get(name);
      return [name, { packages, judged: one, signers: one && signersOf(one, whenInvalid) }];
    }),
  );
}

/** Nothing where it is not known. */
function signersOf(judged: Judged, whenInvalid: Project["signers"]): Project["signers"] {
  const attestations = attestationsOf(judged);
  const outcomes = new Set(attestations.map(({ outcome }) => outcome));
  if (attestations.length === 0 || outcomes.has("unavailable")) return undefined;
  if (outcomes.has("invalid") && !outcomes.has("verified")) return whenInvalid;
  return [...new Set(verifiedSigners(judged).map((signer) => signerWords(signerFields(signer))))].sort();
}

function verifiedSigners(judged: Judged): AttestedSigner[] {
  return attestationsOf(judged).flatMap((seen) => (seen.outcome === "verified" ? [seen.signer] : []));
}

/** Who signed the old release by the word of the old lock, where nobody else says it any more. */
function signersByLock({ packages }: Project, after: Project): Project["signers"] {
  const identities = packages.flatMap(({ identities = [] }) => identities);
  if (identities.length === 0 || after.judged === undefined || after.signers === undefined) return undefined;
  if (after.signers.length === 0) return [...new Set(identities.map(describeTable))].sort();
  const isLocked = (signer: AttestedSigner) => identities.some((table) => tableMismatches(signer, table).length === 0);
  return verifiedSigners(after.judged).every(isLocked) ? after.signers : undefined;
}

function attestationsOf({ verdict: { evidence } }: Judged) {
  return evidence.filter((seen) => seen.kind === "attestation");
}

function changeOf(
  name: ProjectName,
  before: Project | undefined,
  after: Project | undefined,
): ReportedChange | undefined {
  if (before === undefined || after === undefined) {
    return {
      name,
      change: before === undefined ? "added" : "removed",
      ...(before && { before: released(before) }),
      ...(after && { after: released(after) }),
    };
  }
  const [was, is] = [released({ ...before, signers: before.signers ?? signersByLock(before, after) }), released(after)];
  const digests = changedDigests(before.packages, after.packages);
  const signers = signerChange(was.signers, is.signers);
  const isSame = was.versions.join() === is.versions.join() && digests.length === 0;
  if (isSame && (signers === undefined || signers === "same")) return undefined;
  return {
    name,
    change: "changed",
    before: was,
    after: is,
    ...(signers !== undefined && { signers }),
    ...(digests.length > 0 && { changed_digests: digests }),
  };
}

function released({ packages, signers }: Pick<Project, "packages" | "signers">): ReportedRelease {
  const versions = [...new Set(packages.map(({ version }) => version?.text ?? "(no version)"))].sort();
  return { versions, ...(signers && { signers }) };
}

function signerChange(
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
): ReportedChange["signers"] {
  if (before === undefined || after === undefined) return undefined;
  if (before.join("\n") === after.join("\n")) return "same";
  if (before.length === 0) return "new";
  return after.length === 0 ? "lost" : "changed";
}

/** Files of the same name with other digests: releases never change their files, so somebody replaced them. */
function changedDigests(before: readonly LockedPackage[], after: readonly LockedPackage[]): string[] {
  const old = new Map(before.flatMap(({ files }) => files.map(({ filename, pins }) => [filename.text, pins])));
  const named = after.flatMap(({ files }) =>
    files.flatMap(({ filename, pins }) => {
      const known = old.get(filename.text);
      return known !== undefined && !shareDigest(known, pins) ? [filename.text] : [];
    }),
  );
  const unnamed = after.flatMap(({ version, pins, name }) => {
    const same = before.find((earlier) => earlier.version?.text === version?.text && earlier.pins.length > 0);
    return same !== undefined && pins.length > 0 && !shareDigest(same.pins, pins) ? [`${name} ${version?.text}`] : [];
  });
  return [...named, ...unnamed];
}

function shareDigest(a: LockedPackage["pins"], b: LockedPackage["pins"]): boolean {
  return a.some(({ algorithm, hex }) => b.some((pin) => pin.algorithm === algorithm && pin.hex === hex));
}

/** The verdicts of the new lock with what the change says against them. */
export function withChanges(
  after: readonly Judged[],
  before: readonly Judged[],
  changes: readonly ReportedChange[],
  policy: Policy,
): Judged[] {
  const changeOf = new Map(changes.map((change) => [change.name, change]));
  const oldOf = new Map<string, Judged>(before.map((one) => [one.ref.filename.name, one]));
  return after.map((judged) => {
    const { name } = judged.ref.filename;
    const change = changeOf.get(name);
    if (change === undefined) return judged;
    const isNamed = isNamedByPolicy(judged, policy);
    const findings = changeFindings(change, isNamed);
    const isRefused = findings.some(({ severity }) => severity === "error");
    if (findings.length > 0) return withFindings(judged, findings, isRefused ? "deny" : judged.verdict.decision);
    return isNamed && isSigned(change) ? judged : withOpenQuestion(judged, oldOf.get(name), change);
  });
}

/** What a change says against projects that the interpreter at hand has no use for; others may install them. */
export function findingsElsewhere(judged: readonly Judged[], changes: readonly ReportedChange[]): Finding[] {
  const here = new Set<string>(judged.map(({ ref }) => ref.filename.name));
  return changes.filter(({ name }) => !here.has(name)).flatMap((change) => changeFindings(change, false));
}

function isSigned({ after }: ReportedChange): boolean {
  return (after?.signers ?? []).length > 0;
}

/** Where it is not known who signed, before or now, nobody can tell that no signer was lost. */
function withOpenQuestion(judged: Judged, old: Judged | undefined, change: ReportedChange): Judged {
  const { before, after } = change;
  if (before === undefined || judged.verdict.decision === "deny") return judged;
  const unknown = [
    ...(before.signers === undefined ? [whyUnknown(old, `"${change.name}" ${before.versions.join(", ")}`)] : []),
    ...(after?.signers === undefined ? [whyUnknown(judged, `"${judged.ref.filename.text}"`)] : []),
  ];
  const findings = unknown.flat().map((message) => finding("evidence-unavailable", message));
  return findings.length === 0 ? judged : withFindings(judged, findings, "undecided");
}

function whyUnknown(judged: Judged | undefined, release: string): string[] {
  if (judged === undefined) return [`who signed ${release} is not known: no file of it could be looked at`];
  const file = `"${judged.ref.filename.text}"`;
  const seen = attestationsOf(judged);
  const silent = seen.flatMap((one) =>
    one.outcome === "unavailable" ? [`who signed ${file} could not be had from ${one.source}: ${one.reason}`] : [],
  );
  if (silent.length > 0) return silent;
  const reason = seen.length > 0 ? "its attestation does not verify" : judged.verdict.findings[0]?.message;
  return [`who signed ${file} is not known: ${reason ?? "nobody was asked"}`];
}

function withFindings(judged: Judged, findings: readonly Finding[], decision: Judged["verdict"]["decision"]): Judged {
  const { verdict } = judged;
  return { ...judged, verdict: { ...verdict, decision, findings: [...findings, ...verdict.findings] } };
}

/** Whoever writes the signer of a project into the policy has looked at the change. */
function isNamedByPolicy({ verdict }: Judged, { rules }: Policy): boolean {
  const rule = rules.find(({ name }) => name === verdict.rule);
  const isBinding = verdict.decision === "allow" && rule?.mode === "enforce";
  return isBinding && (rule.publish ?? rule.slsa) !== undefined;
}

function changeFindings(
  { name, before, after, signers, changed_digests = [] }: ReportedChange,
  isNamed: boolean,
): Finding[] {
  const [was, is] = [listed(before?.signers), listed(after?.signers)];
  const from = `"${name}" ${before?.versions.join(", ")}`;
  const to = after?.versions.join(", ");
  const found: Finding[] = [];
  if (changed_digests.length > 0) {
    const files = changed_digests.map((file) => `"${file}"`).join(", ");
    found.push(
      finding(
        "locked-digest-changed",
        `${counted(changed_digests.length, "file")} of the same name got another digest: ${files}`,
      ),
    );
  }
  if (signers === "lost") found.push(finding("signer-lost", `${from} is signed by ${was}, nobody signed ${to}`));
  if (signers === "changed")
    found.push(finding("signer-changed", `${from} is signed by ${was}, ${to} by ${is}`, isNamed ? "note" : "error"));
  return found;
}

function listed(signers: readonly string[] = []): string {
  return signers.join(" and ");
}

/** Asks for signers and refuses nothing: what is wrong with the old lock is past. */
export function onlySigners({ expires: _, ...policy }: Policy): Policy {
  const status = { yanked: "allow", archived: "allow", deprecated: "allow" } as const;
  return {
    ...policy,
    floor: { deny: [], status },
    rules: [],
    default: { ...policy.default, mode: "off" },
    exceptions: [],
  };
}
