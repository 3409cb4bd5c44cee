import { gunzipSync } from "node:zlib";
import { ArtifactError, messageOf } from "../errors.ts";

/** Bytes unpacked. A source distribution with more than that is not read. */
const maxBytes = 512 << 20;
const blockBytes = 512;

/**
 * PKG-INFO of a source distribution (PyPA: source distribution format): that in the archive's one top folder.
 * @throws ArtifactError `archive-unreadable`
 */
export function sdistMetadata(archive: Uint8Array, filename: string): string {
  const tar = unpacked(archive, filename);
  for (let at = 0; at + blockBytes <= tar.length; ) {
    const header = tar.subarray(at, at + blockBytes);
    const [name, size] = [textIn(header, 0, 100), Number.parseInt(textIn(header, 124, 12).trim() || "0", 8)];
    if (name === "") break;
    if (!(size >= 0)) throw unreadable(filename, "a member has no size");
    if (/^[^/]+\/PKG-INFO$/.test(name)) return tar.toString("utf8", at + blockBytes, at + blockBytes + size);
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes;
  }
  throw unreadable(filename, "it has no PKG-INFO");
}

function unpacked(archive: Uint8Array, filename: string): Buffer {
  try {
    return gunzipSync(archive, { maxOutputLength: maxBytes });
  } catch (error) {
    throw unreadable(filename, messageOf(error), error);
  }
}

/** A field of a header (POSIX.1-1988, ustar) up to its first NUL. */
function textIn(header: Buffer, from: number, length: number): string {
  return header.toString("utf8", from, from + length).split("\0")[0] ?? "";
}

function unreadable(filename: string, why: string, cause?: unknown): ArtifactError {
  return new ArtifactError("archive-unreadable", `Cannot read the metadata of "${filename}": ${why}`, { cause });
}
