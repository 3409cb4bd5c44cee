/** An ECDSA signature of 64 bytes, r and s (RFC 7518, 3.4), as DSSE and X.509 write it: `SEQUENCE { r, s }` in DER (RFC 3279). */
export function derSignature(raw: Buffer): Buffer {
  const half = raw.length / 2;
  const body = Buffer.concat([derInteger(raw.subarray(0, half)), derInteger(raw.subarray(half))]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}

function derInteger(unsigned: Buffer): Buffer {
  const first = unsigned.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.of(0) : unsigned.subarray(first);
  // A leading bit of one would make it negative.
  const padded = (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits;
  return Buffer.concat([Buffer.of(0x02, padded.length), padded]);
}
