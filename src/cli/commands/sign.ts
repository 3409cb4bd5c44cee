import { randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { digestOf } from "../../distribution/digest.ts";
import type { WheelFilename } from "../../distribution/filename.ts";
import type { JsonObject } from "../../encoding/json.ts";
import { ArtifactError, EnvironmentError, messageOf, SignatureError } from "../../errors.ts";
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
import { counted } from "../render/words.ts";
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
  const unsigned = await Promise.all(opened.map((each) => (options.embed === true ? inWheel(each) : besideFile(each))));
  for (const each of unsigned) {
    const document = await signed(each, signer);
    const written = each.containing(document);
    await replaceFile(each.path, written);
    const words = counted(parseSignedDocument(document).entries.length, "signature");
    const place = printableLine(each.place(written));
    host.stdout.write(`Signed ${printableLine(each.shown)} by ${signer.key}: ${words} in ${place}\n`);
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

/** What is to be signed, and where the signature goes. */
interface Unsigned {
  readonly shown: string;
  readonly payload: JsonObject;
  readonly typ: string | undefined;
  /** The signatures that are there already, which stay. */
  readonly before: Buffer | undefined;
  /** Where they are, as messages name it. */
  readonly source: string;
  /** The file that is written. */
  readonly path: string;
  containing(document: Buffer): Buffer;
  /** Where the signature is now, as the user would call it. */
  place(written: Buffer): string;
}

/** `FILE.jws`. */
async function besideFile({ path: file, shown, artifact }: OpenFile): Promise<Unsigned> {
  const path = `${file}.jws`;
  const source = `"${shown}.jws"`;
  const before = await readFile(path).catch((error) => ifAbsent(error, source));
  if (before !== undefined) checkBefore(before, (payload) => checkArtifactPayload(payload, artifact), source);
  return {
    shown,
    payload: artifactPayload(artifact),
    typ: artifactType,
    before,
    source,
    path,
    containing: (document) => document,
    place: () => `${shown}.jws`,
  };
}

/** RECORD.jws as the wheel's last member. */
async function inWheel({ path, shown, bytes, folder, artifact: { record } }: OpenFile): Promise<Unsigned> {
  if (folder === undefined || record === undefined)
    throw new ArtifactError("not-a-wheel", `Cannot embed a signature in "${shown}": it is no wheel`);
  const archive = openArchive(openShared({ kind: "memory", bytes }));
  const member = `${folder}/RECORD.jws`;
  const entry = archive.entry(member);
  const before = entry && archive.read(entry);
  const source = `"${member}" of "${shown}"`;
  if (before !== undefined) checkBefore(before, (payload) => checkRecordPayload(payload, record), source);
  return {
    shown,
    payload: recordPayload(record),
    typ: undefined,
    before,
    source,
    path,
    containing: (document) => withLastMember(bytes, member, document, `${folder}/RECORD`),
    place: (written) => `${member}, now with sha256 ${digestOf(written)}`,
  };
}

/** A signature beside others says that they are about the same file. */
function checkBefore(before: Buffer, check: (payload: Buffer) => void, source: string): void {
  adding(source, () => check(parseSignedDocument(before).payload));
}

async function signed({ payload, typ, before, source }: Unsigned, signer: Signer): Promise<Buffer> {
  if (before === undefined) return signDocument(Buffer.from(JSON.stringify(payload)), typ, signer);
  const document = await addSignature(before, typ, signer);
  // One more than a document may hold would make all of them unreadable.
  adding(source, () => parseSignedDocument(document));
  return document;
}

/** @throws SignatureError that names the signatures, which are not ours to throw away */
function adding(source: string, step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    throw new SignatureError(error.code, `Cannot add a signature to ${source}: ${error.message}`, {
      hint: "Move these signatures away to start again",
      cause: error,
    });
  }
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

function ifAbsent(error: NodeJS.ErrnoException, source: string): undefined {
  if (error.code === "ENOENT") return undefined;
  throw new EnvironmentError("cannot-read", `Cannot read the signatures in ${source}: ${messageOf(error)}`, {
    cause: error,
  });
}

/** In one step: whoever reads it meanwhile reads the old file or the new one. */
async function replaceFile(path: string, bytes: Buffer): Promise<void> {
  // A name that nobody knows before: where others may write, a link could lie there.
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await writeFile(temporary, bytes, { flag: "wx" });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new EnvironmentError("cannot-write", `Cannot write "${path}": ${messageOf(error)}`, { cause: error });
  }
}
