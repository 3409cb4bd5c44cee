import { isAscii, isUtf8 } from "node:buffer";

/** @returns the text, a byte order mark included; nothing for bytes that are no UTF-8 (RFC 3629) */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Nearly all that is read is ASCII, which is a copy.
  if (isAscii(buffer)) return buffer.toString("latin1");
  return isUtf8(buffer) ? buffer.toString("utf8") : undefined;
}
