import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { chmod, copyFile, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Artifact, type ArtifactRef, fileKey } from "../../distribution/artifact.ts";
import type { HookAnswer, HookArguments, HookName } from "../../plugins/contract.ts";
import { referenceOf } from "../../plugins/reference.ts";
import type { InspectorEvidence } from "../../verdict/evidence.ts";
import type { FindingId } from "../../verdict/finding-catalog.ts";
import type { DistInspector } from "../inspector.ts";

/** An inspector from others that was loaded. */
export interface OutsideInspector {
  readonly name: string;
  readonly hooks: readonly HookName[];
  call(hook: HookName, given: HookArguments): Promise<HookAnswer>;
}

/**
 * Asks inspectors from others, one after the other and all of them. They can refuse and they can fail; they cannot
 * vouch, and what they do to the file they are shown, a private copy, changes nothing but the answer.
 * @param directory a private folder for copies
 */
export function outsideInspectors(inspectors: readonly OutsideInspector[], directory: string): DistInspector {
  const withHook = (hook: HookName) => inspectors.filter(({ hooks }) => hooks.includes(hook));
  const extracting = withHook("pre_extract");
  const downloads = new Map<string, Promise<readonly InspectorEvidence[]>>();
  return {
    name: "outside",
    needsBytes: extracting.length > 0,
    pre_download(ref) {
      // A file whose metadata was read to choose it is asked for again; it is one file all the same.
      const key = fileKey(ref);
      const asked = downloads.get(key) ?? askBeforeDownload(ref, withHook("pre_download"));
      downloads.set(key, asked);
      return asked;
    },
    pre_extract: (artifact) => askBeforeExtract(artifact, extracting, directory),
  };
}

async function askBeforeDownload(
  ref: ArtifactRef,
  inspectors: readonly OutsideInspector[],
): Promise<readonly InspectorEvidence[]> {
  const evidence: InspectorEvidence[] = [];
  for (const inspector of inspectors)
    evidence.push(...toEvidence(await inspector.call("pre_download", argumentsOf(ref)), inspector, ref));
  return evidence;
}

async function askBeforeExtract(
  artifact: Artifact,
  inspectors: readonly OutsideInspector[],
  directory: string,
): Promise<readonly InspectorEvidence[]> {
  const evidence: InspectorEvidence[] = [];
  for (const inspector of inspectors) {
    const folder = await mkdtemp(join(directory, "inspect-"));
    try {
      const path = await copyInto(folder, artifact);
      const answer = await inspector.call("pre_extract", { ...argumentsOf(artifact.ref, artifact), path });
      evidence.push(...toEvidence(answer, inspector, artifact.ref));
      evidence.push(...(await checkUnchanged(path, artifact, inspector)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return evidence;
}

/** By reference where the file system can. What is small, or kept nowhere, may be in memory only. */
async function copyInto(folder: string, { ref, path: from, shared }: Artifact): Promise<string> {
  const path = join(folder, ref.filename.text);
  if (shared.kind === "memory") await writeFile(path, shared.bytes);
  else await copyFile(from, path, constants.COPYFILE_FICLONE);
  await chmod(path, 0o400);
  return path;
}

/** The contract is a notification: an inspector that changes what it looks at is none. */
async function checkUnchanged(
  path: string,
  artifact: Artifact,
  { name }: OutsideInspector,
): Promise<readonly InspectorEvidence[]> {
  if (await isUnchanged(path, artifact)) return [];
  const message = `inspector "${name}" changed "${artifact.ref.filename.text}" while it looked at it`;
  return [invalid(name, "artifact-changed", message)];
}

async function isUnchanged(path: string, { size, digests }: Artifact): Promise<boolean> {
  try {
    // What lies there now may be a link or a pipe, which would keep us reading.
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile() || stats.size !== size) return false;
    const hash = createHash("sha256");
    for await (const chunk of file.createReadStream({ autoClose: false, end: size })) hash.update(chunk);
    return hash.digest("hex") === digests.sha256;
  } catch {
    return false;
  }
}

function argumentsOf(ref: ArtifactRef, artifact?: Artifact): HookArguments {
  const reference = referenceOf(ref, artifact);
  return { url: reference.url, filename: reference.filename, digest: reference.digests.sha256 ?? null, reference };
}

function toEvidence(
  answer: HookAnswer,
  { name }: OutsideInspector,
  { filename }: ArtifactRef,
): readonly InspectorEvidence[] {
  switch (answer.outcome) {
    case "passed":
      return [];
    case "refused":
      return [invalid(name, "inspector-refused", `inspector "${name}" refuses "${filename.text}": ${answer.message}`)];
    case "failed":
      return [{ kind: "inspector", inspector: name, outcome: "unavailable", reason: answer.message }];
  }
}

function invalid(inspector: string, id: FindingId, message: string): InspectorEvidence {
  return { kind: "inspector", inspector, outcome: "invalid", problems: [{ id, message }] };
}
