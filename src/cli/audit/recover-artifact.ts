import { join } from "node:path";
import { installedArchive } from "../../audit/installed-archive.ts";
import type { ArtifactRef } from "../../distribution/artifact.ts";
import type { Installed } from "../../environment/installed.ts";
import { readIfRegular } from "../../environment/read-file.ts";
import { ArtifactError } from "../../errors.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import type { Transport } from "../../package-index/transport.ts";
import { type Finding, finding } from "../../verdict/finding.ts";
import { readDistInfo } from "../../wheel/dist-info.ts";
import { parseEntryPointGroup } from "../../wheel/object-reference.ts";
import { openArchive } from "../../wheel/open-archive.ts";
import type { RecordRow } from "../../wheel/record.ts";
import type { GateSession } from "../gate/gate-session.ts";
import { readRemoteRecord } from "./remote-record.ts";

export interface Recovery {
  readonly gate: GateSession;
  readonly transport: Transport;
  /** Whether archives may be downloaded to compare them. */
  readonly deep: boolean;
}

interface Recovered {
  readonly ref: ArtifactRef;
  readonly judged?: Judged;
  readonly findings: readonly Finding[];
}

/** From which of the candidates something was installed, and how sure that is. */
export async function recoverArtifact(
  installed: Installed,
  refs: readonly ArtifactRef[],
  asking: Recovery,
): Promise<Recovered> {
  const [first] = refs;
  if (first === undefined) throw new RangeError("There is no candidate");
  const called = `"${installed.name}" ${installed.version}`;
  if (!asking.deep) {
    const seen = await recoverByRanges(installed, refs, asking);
    if (seen !== undefined) return seen;
    const sure = refs.length === 1 ? "the only file with its tags" : `one of ${refs.length} files with its tags`;
    const message = `${called} is likely from "${first.filename.text}", ${sure}; --deep compares its RECORD`;
    return { ref: first, findings: [finding("artifact-recovered", message, "note")] };
  }
  const compared = [];
  for (const ref of refs) compared.push(await compareRecord(installed, ref, asking.gate));
  const best = compared.reduce((least, other) => (other.differences.length < least.differences.length ? other : least));
  const findings = [recovery(installed, best, "the archive itself was hashed")];
  return { ref: best.ref, judged: best.judged, findings };
}

/** By the RECORDs of the candidates, of which no more is read; nothing where a server has no ranges. */
async function recoverByRanges(
  installed: Installed,
  refs: readonly ArtifactRef[],
  { transport }: Recovery,
): Promise<Recovered | undefined> {
  const compared = [];
  for (const ref of refs) {
    const record = await readRemoteRecord(ref, transport);
    if (record === undefined) return undefined;
    compared.push({ ref, ...compareRows(installed, record) });
  }
  const best = compared.reduce((least, other) => (other.differences.length < least.differences.length ? other : least));
  return {
    ref: best.ref,
    findings: [recovery(installed, best, "as read by range requests; --deep hashes the archive")],
  };
}

interface Comparison {
  readonly ref: ArtifactRef;
  /** Paths. */
  readonly differences: readonly string[];
  readonly files: number;
}

function recovery({ name, version }: Installed, { ref, differences, files }: Comparison, how: string): Finding {
  const [example] = differences;
  const called = `"${name}" ${version}`;
  if (example !== undefined) {
    const message = `${called} is not what "${ref.filename.text}" holds: ${differences.length} of ${files} files of its RECORD differ, as "${example}" (${how})`;
    return finding("artifact-differs", message);
  }
  const message = `${called} is from "${ref.filename.text}": all ${files} files of its RECORD are those that are installed (${how})`;
  return finding("artifact-recovered", message, "note");
}

/** The RECORD inside the archive against the one that is installed: whoever changed files may have changed that too. */
async function compareRecord(installed: Installed, ref: ArtifactRef, gate: GateSession) {
  const judged = await judgeArtifact(installed, ref, gate, false);
  if (judged.artifact === undefined || ref.filename.kind !== "wheel")
    throw new ArtifactError("artifact-unreadable", `"${ref.filename.text}" could not be had`);
  const { record } = readDistInfo(openArchive(judged.artifact.bytes), ref.filename);
  return { ref, judged, ...compareRows(installed, record) };
}

function compareRows(installed: Installed, record: readonly RecordRow[]): Omit<Comparison, "ref"> {
  const own = new Map((installed.record ?? []).map((row) => [row.path, row.hash?.digest.replace(/=+$/, "")]));
  // Scripts and data are moved, and get a new first line: `NAME.data` has no counterpart of the same name.
  const comparable = record.filter(({ path, hash }) => hash !== undefined && !/^[^/]+\.data\//.test(path));
  const differences = comparable.filter(({ path, hash }) => own.get(path) !== hash?.digest.replace(/=+$/, ""));
  return {
    differences: [...differences.map(({ path }) => path), ...added(installed, record)],
    files: comparable.length,
  };
}

/** What RECORD lists that is neither the archive's nor what installers add: a file that was put there, with a row of its own. */
function added({ record = [], site, distInfo }: Installed, archive: readonly RecordRow[]): string[] {
  const paths = new Set(archive.map(({ path }) => path));
  const moved = archive.flatMap(({ path }) => /^[^/]+\.data\/[^/]+(\/.+)$/.exec(path)?.[1] ?? []);
  const scripts = new Set(scriptNames(join(site, distInfo)));
  const isExplained = (path: string) =>
    paths.has(path) ||
    scripts.has(scriptName(path)) ||
    moved.some((end) => `/${path}`.endsWith(end)) ||
    addedByInstallers.test(path.startsWith(`${distInfo}/`) ? path.slice(distInfo.length + 1) : path);
  return record.flatMap(({ path }) => (isExplained(path) ? [] : path));
}

/** Beside METADATA, and what is compiled; virtualenv lists more (audits/unhashed.ts). */
const addedByInstallers =
  /^(?:RECORD(?:\.jws|\.p7s)?|INSTALLER|REQUESTED|direct_url\.json|provenance_url\.json|tspip\.json|uv_cache\.json|uv_build\.json|REFER_TO|[^/]+\.virtualenv)$|(?:^|\/)__pycache__(?:\/[^/]+\.pyc)?\/?$/;

/** The commands of a distribution, whose entry_points.txt is compared like any other file; none where it cannot be read. */
function scriptNames(folder: string): string[] {
  const text = readIfRegular(join(folder, "entry_points.txt"))?.bytes.toString("utf8") ?? "";
  try {
    return ["console_scripts", "gui_scripts"].flatMap((group) =>
      parseEntryPointGroup(text, group).map(({ name }) => name),
    );
  } catch (error) {
    if (error instanceof ArtifactError) return [];
    throw error;
  }
}

/** `pip` of `../../../bin/pip3.13`, `x` of `../../Scripts/x-script.pyw`; empty where it lies among no scripts. */
function scriptName(path: string): string {
  return (
    /(?:^|\/)(?:bin|Scripts)\/([^/]+?)(?:-?\d+(?:\.\d+)*)?(?:-script\.pyw?|\.exe(?:\.manifest)?)?$/.exec(path)?.[1] ??
    ""
  );
}

/** The digest that was written down, else that of the index, is judged, unless the bytes are wanted. */
export async function judgeArtifact(
  installed: Installed,
  ref: ArtifactRef,
  gate: GateSession,
  byDigest: boolean,
): Promise<Judged> {
  const hex = installedArchive(installed)?.sha256 ?? ref.digests.sha256;
  const pins = hex === undefined ? [] : [{ algorithm: "sha256" as const, hex }];
  const relation = installed.requested ? "direct" : "transitive";
  const [judged] = await gate.judge([{ ref: { ...ref, pins }, relation, byDigest: byDigest && hex !== undefined }]);
  if (judged === undefined) throw new RangeError("The gate has no answer");
  return judged;
}
