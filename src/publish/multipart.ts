import { randomBytes } from "node:crypto";
import type { ByteSource } from "../distribution/byte-source.ts";
import type { FormField } from "./upload-form.ts";

/** A body of `multipart/form-data` (RFC 7578), whose file is read while it is sent. */
export interface MultipartBody {
  readonly contentType: string;
  /** Bytes. */
  readonly length: number;
  chunks(): Iterable<Buffer>;
}

const chunkBytes = 256 << 10;

/** The fields, then the file under the name `content`. */
export function multipart(fields: readonly FormField[], filename: string, bytes: ByteSource): MultipartBody {
  // 128 random bits do not occur in what is sent.
  const boundary = `tspip-${randomBytes(16).toString("hex")}`;
  const parts = fields.map(([name, value]) => `${opening(boundary, name)}\r\n\r\n${value}\r\n`);
  const file = `${opening(boundary, "content")}; filename="${quoted(filename)}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const [head, tail] = [Buffer.from(parts.join("") + file), Buffer.from(`\r\n--${boundary}--\r\n`)];
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    length: head.length + bytes.size + tail.length,
    *chunks() {
      yield head;
      for (let at = 0; at < bytes.size; at += chunkBytes) yield bytes.read(at, Math.min(chunkBytes, bytes.size - at));
      yield tail;
    },
  };
}

function opening(boundary: string, name: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"`;
}

/** RFC 7578, section 4.2, as browsers do it. */
function quoted(text: string): string {
  return text.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
