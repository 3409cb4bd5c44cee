import { encodeDer, tag } from "./der.ts";

/** An ECDSA signature of 64 bytes, r and s (RFC 7518, 3.4), as DSSE and TUF have it: `SEQUENCE { r, s }` (RFC 3279, 2.2.3). */
export function derSignature(raw: Buffer): Buffer {
  const half = raw.length / 2;
  return encodeDer(tag.sequence, derInteger(raw.subarray(0, half)), derInteger(raw.subarray(half)));
}

function derInteger(unsigned: Buffer): Buffer {
  const first = unsigned.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.of(0) : unsigned.subarray(first);
  // A leading bit of one would make it negative.
  return encodeDer(tag.integer, (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits);
}
