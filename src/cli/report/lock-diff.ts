import type { ProjectName } from "../../distribution/project-name.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import type { LockedPackage, LockFile } from "../../plan/lock-file.ts";
import { describeTable, tableMismatches } from "../../trust/publisher-table.ts";
import type { AttestedSigner } from "../../trust/signer.ts";
import { signerFields } from "../../trust/signer-fields.ts";
import { signerWords } from "../render/words.ts";
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

export function attestationsOf({ verdict: { evidence } }: Judged) {
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
