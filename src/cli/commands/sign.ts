import { readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { digestOf } from "../../distribution/digest.ts";
import type { WheelFilename } from "../../distribution/filename.ts";
import type { JsonObject } from "../../encoding/json.ts";
import { ArtifactError, EnvironmentError, messageOf } from "../../errors.ts";
import { inspectWheel } from "../../inspect/inspect-wheel.ts";
import { localRef } from "../../package-index/client.ts";
import { parseSignedDocument } from "../../signature/jws.ts";
import { addSignature, type Signer, signDocument } from "../../signature/sign.ts";
import {
  artifactPayload,
  artifactType,
  checkArtifactPayload,
  checkRecordPayload,
  recordHash,
  recordPayload,
  type SignedArtifact,
} from "../../signature/subject.ts";
import { openShared } from "../../threads/shared-bytes.ts";
import { finding, type Problem } from "../../verdict/finding.ts";
import { findDistInfo } from "../../wheel/dist-info.ts";
import { withLastMember } from "../../wheel/last-member.ts";
import { openArchive } from "../../wheel/open-archive.ts";
import type { SignOptions } from "../command-line/keys.ts";
import { exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { bytesOf } from "../read-text.ts";
import { fileSigner } from "../signing/key-file.ts";
import { createTalk, printable, printableLine, type Talk } from "../terminal.ts";

/** `tspip sign`: a signature by a key for each file, beside it or, with `--embed`, in the wheel. */
export async function sign(files: readonly string[], options: SignOptions, host: Host): Promise<number> {
  const talk = createTalk(options, host);
  const opened = await Promise.all(files.map((file) => openFile(file, host)));
  // All or nothing: whoever signs a release finds out about a bad file before the first signature is made.
  const bad = opened.flatMap(({ problems }) => problems);
  if (bad.length > 0) {
    for (const { id, message, hint } of bad.map((each) => finding(each.id, each.message)))
      host.stdout.write(`error[${id}] ${printable(message)}\nhint: ${printableLine(hint)}\n`);
    host.stdout.write("Signed nothing: a signature says that the file is as it should be\n");
    return exitCodes.refused;
  }
  const signer = await fileSigner(options.key, options, talk, host);
  if (options.embed === true) warnOfEmbedding(talk);
  for (const each of opened) {
    const { document, place } = await (options.embed === true ? embed(each, signer) : signBeside(each, signer));
    const count = parseSignedDocument(document).entries.length;
    const words = count === 1 ? "1 signature" : `${count} signatures`;
    host.stdout.write(`Signed ${printableLine(each.shown)} by ${signer.key}: ${words} in ${printableLine(place)}\n`);
  }
  return exitCodes.done;
}

interface OpenFile {
  readonly shown: string;
  readonly path: string;
  readonly bytes: Buffer;
  readonly artifact: SignedArtifact;
  /** The wheel's .dist-info folder. */
  readonly folder?: string;
  readonly problems: readonly Problem[];
}

async function openFile(file: string, host: Host): Promise<OpenFile> {
  const path = resolve(host.cwd, file);
  const { filename } = localRef(path);
  const bytes = await readArtifact(path, file, host);
  const about = { filename, sha256: digestOf(bytes), size: bytes.length };
  if (filename.kind === "sdist") return { shown: file, path, bytes, artifact: about, problems: [] };
  return { shown: file, path, bytes, ...(await openWheel(bytes, filename, about)) };
}

async function openWheel(
  bytes: Buffer,
  filename: WheelFilename,
  about: SignedArtifact,
): Promise<Pick<OpenFile, "artifact" | "folder" | "problems">> {
  const source = openShared({ kind: "memory", bytes });
  const { evidence } = await inspectWheel(source, filename);
  const problems = evidence.flatMap((each) => (each.outcome === "invalid" ? each.problems : []));
  if (problems.length > 0) return { artifact: about, problems };
  const archive = openArchive(source);
  const folder = findDistInfo(archive, filename);
  const entry = archive.entry(`${folder}/RECORD`);
  if (entry === undefined) throw new ArtifactError("record-absent", `"${filename.text}" has no RECORD`);
  return { artifact: { ...about, record: recordHash(archive.read(entry)) }, folder, problems };
}

interface Signed {
  readonly document: Buffer;
  /** As the user would call it. */
  readonly place: string;
}

/** `FILE.jws`; signatures of others that are there stay. */
async function signBeside({ path, shown, artifact }: OpenFile, signer: Signer): Promise<Signed> {
  const before = await readFile(`${path}.jws`).catch(ifAbsent);
  const document =
    before === undefined
      ? await signDocument(asBytes(artifactPayload(artifact)), artifactType, signer)
      : await addTo(before, (payload) => checkArtifactPayload(payload, artifact), artifactType, signer);
  await replaceFile(`${path}.jws`, document);
  return { document, place: `${shown}.jws` };
}

/** RECORD.jws as the wheel's last member. */
async function embed(file: OpenFile, signer: Signer): Promise<Signed> {
  const { path, shown, bytes, folder, artifact } = file;
  const { record } = artifact;
  if (folder === undefined || record === undefined)
    throw new ArtifactError("not-a-wheel", `Cannot embed a signature in "${shown}": it is no wheel`);
  const archive = openArchive(openShared({ kind: "memory", bytes }));
  const entry = archive.entry(`${folder}/RECORD.jws`);
  const document =
    entry === undefined
      ? await signDocument(asBytes(recordPayload(record)), undefined, signer)
      : await addTo(archive.read(entry), (payload) => checkRecordPayload(payload, record), undefined, signer);
  await replaceFile(path, withLastMember(bytes, `${folder}/RECORD.jws`, document, `${folder}/RECORD`));
  return { document, place: `${folder}/RECORD.jws, now with sha256 ${digestOf(await readFile(path))}` };
}

function asBytes(payload: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(payload));
}

async function addTo(
  before: Buffer,
  check: (payload: Buffer) => void,
  typ: string | undefined,
  signer: Signer,
): Promise<Buffer> {
  // A signature beside others says that they are about the same file.
  check(parseSignedDocument(before).payload);
  return addSignature(before, typ, signer);
}

function warnOfEmbedding(talk: Talk): void {
  talk.warn(
    "PEP 815 (Final, January 2026) deprecates signatures in wheels: tools must not add RECORD.jws to wheels that are " +
      "for others, and installers should not verify it. The file gets another sha256: pins and attestations of it no " +
      "longer fit. Without --embed the signature lies beside the wheel and changes nothing",
  );
}

async function readArtifact(path: string, shown: string, host: Host): Promise<Buffer> {
  try {
    return await bytesOf(path, host);
  } catch (error) {
    throw new ArtifactError("artifact-unreadable", `Cannot read "${shown}": ${messageOf(error)}`, { cause: error });
  }
}

function ifAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw new EnvironmentError("cannot-read", `Cannot read the signatures there are: ${messageOf(error)}`, {
    cause: error,
  });
}

/** In one step: whoever reads it meanwhile reads the old file or the new one. */
async function replaceFile(path: string, bytes: Buffer): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.new`);
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    throw new EnvironmentError("cannot-write", `Cannot write "${path}": ${messageOf(error)}`, { cause: error });
  }
}
