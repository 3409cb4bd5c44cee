const mask = 0xffff_ffff_ffff_ffffn;

/**
 * SipHash-1-3 or -2-4 (Aumasson and Bernstein), 64 bits, with a key of which the upper half is 0: what Python writes into
 * hash-based compiled files (PEP 552; 1-3 since Python 3.11).
 * @param rounds 1 or 2: rounds for each word; two more end it
 */
export function siphash(bytes: Buffer, key: bigint, rounds: 1 | 2): bigint {
  let [v0, v1, v2, v3] = [
    key ^ 0x736f_6d65_7073_6575n,
    0x646f_7261_6e64_6f6dn,
    key ^ 0x6c79_6765_6e65_7261n,
    0x7465_6462_7974_6573n,
  ];
  const round = () => {
    v0 = (v0 + v1) & mask;
    v1 = rotate(v1, 13n) ^ v0;
    v0 = rotate(v0, 32n);
    v2 = (v2 + v3) & mask;
    v3 = rotate(v3, 16n) ^ v2;
    v0 = (v0 + v3) & mask;
    v3 = rotate(v3, 21n) ^ v0;
    v2 = (v2 + v1) & mask;
    v1 = rotate(v1, 17n) ^ v2;
    v2 = rotate(v2, 32n);
  };
  const take = (word: bigint) => {
    v3 ^= word;
    for (let at = 0; at < rounds; at++) round();
    v0 ^= word;
  };
  const whole = bytes.length - (bytes.length % 8);
  for (let at = 0; at < whole; at += 8) take(bytes.readBigUInt64LE(at));
  const last = Buffer.alloc(8);
  bytes.copy(last, 0, whole);
  last[7] = bytes.length & 0xff;
  take(last.readBigUInt64LE());
  v2 ^= 0xffn;
  for (let at = 0; at < rounds + 2; at++) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

function rotate(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & mask;
}
