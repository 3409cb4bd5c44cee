/** A source of whole numbers that is the same for the same seed (mulberry32), so that a failure can be had again. */
export type Dice = (sides: number) => number;

export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

/** Numbers at the ends of ranges, and what opens, closes, separates and escapes in the formats that are read. */
const interesting = [
  ...[0x00, 0x01, 0x7f, 0x80, 0xff].map((byte) => Buffer.from([byte])),
  ...["ffff", "ffffffff", "00000000", "7fffffff", "ffffffffffffffff", "0000008000000000"].map((hex) =>
    Buffer.from(hex, "hex"),
  ),
  ..."\" ' \\ , ; : = == [ ] { } ( ) < > / // .. * ~ ! # & | \n \r\n \t".split(" ").map((text) => Buffer.from(text)),
  ...["\\u0000", "\u202e", "\ufeff", "__proto__", "-1", "1e999", "9007199254740993", "null", "a".repeat(300)].map(
    (text) => Buffer.from(text),
  ),
];

const mostBends = 4;
/** Bends may double what is there; more than this tells nothing new. */
const mostBytes = 64 << 10;

/** One of `seeds`, bent in a few places. */
export function bend(seeds: readonly Buffer[], dice: Dice): Buffer {
  let bytes = pick(seeds, dice);
  for (let left = 1 + dice(mostBends); left > 0; left -= 1) bytes = pick(bends, dice)(bytes, dice, seeds);
  return bytes.subarray(0, mostBytes);
}

type Bend = (bytes: Buffer, dice: Dice, seeds: readonly Buffer[]) => Buffer;

const bends: readonly Bend[] = [
  function flipBit(bytes, dice) {
    if (bytes.length === 0) return bytes;
    const bent = Buffer.from(bytes);
    const at = dice(bent.length);
    bent[at] = (bent[at] ?? 0) ^ (1 << dice(8));
    return bent;
  },
  function putIn(bytes, dice) {
    return replace(bytes, dice(bytes.length + 1), 0, pick(interesting, dice));
  },
  function putOver(bytes, dice) {
    const piece = pick(interesting, dice);
    return replace(bytes, dice(bytes.length + 1), piece.length, piece);
  },
  function takeOut(bytes, dice) {
    return replace(bytes, dice(bytes.length + 1), 1 + dice(32), Buffer.alloc(0));
  },
  function repeat(bytes, dice) {
    const at = dice(bytes.length + 1);
    const piece = bytes.subarray(at, at + 1 + dice(64));
    return replace(bytes, at, 0, ...Array.from({ length: 1 + dice(8) }, () => piece));
  },
  function cutShort(bytes, dice) {
    return bytes.subarray(0, dice(bytes.length + 1));
  },
  function crossOver(bytes, dice, seeds) {
    const other = pick(seeds, dice);
    return Buffer.concat([bytes.subarray(0, dice(bytes.length + 1)), other.subarray(dice(other.length + 1))]);
  },
];

function replace(bytes: Buffer, at: number, length: number, ...pieces: readonly Buffer[]): Buffer {
  return Buffer.concat([bytes.subarray(0, at), ...pieces, bytes.subarray(at + length)]);
}

function pick<T>(list: readonly T[], dice: Dice): T {
  const picked = list[dice(list.length)];
  if (picked === undefined) throw new RangeError("There is nothing to pick from");
  return picked;
}
