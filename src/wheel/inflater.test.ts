import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { inflateAsStream, inflateOnce } from "./documented-inflater.ts";
import { openInflater } from "./inflater.ts";

const inflater = openInflater() ?? assert.fail("this Node.js has nothing below its streams of zlib");

/** Compresses neither to nothing nor to itself. @param length in bytes */
function someText(length: number): Buffer {
  const text = Buffer.alloc(length);
  for (let at = 0, state = length + 1; at < length; at++) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    text[at] = 97 + ((state >>> 16) % 6);
  }
  return text;
}

function inPieces(data: Buffer, length: number): Buffer[] {
  return Array.from({ length: Math.ceil(data.length / length) }, (_, at) =>
    data.subarray(at * length, (at + 1) * length),
  );
}

/** What every way makes of the data, with nothing for a refusal. */
async function everyWay(data: Buffer, size: number): Promise<(Buffer | undefined)[]> {
  const input = inPieces(data, 10_000);
  const pieces = async (from: () => Iterable<Buffer> | AsyncIterable<Buffer>) => {
    try {
      const all = Buffer.concat(await Array.fromAsync(from(), (piece) => Buffer.from(piece)));
      return all.length === size ? all : undefined;
    } catch {
      return undefined;
    }
  };
  return [
    inflater.whole(data, size),
    inflateOnce(data, size),
    await pieces(() => inflater.pieces(input)),
    await pieces(() => inflateAsStream(input, data.length)),
  ];
}

for (const length of [0, 1, 2_000, 262_143, 262_144, 262_145, 524_288, 1_000_000]) {
  test(`what is deflated is inflated by every way: ${length} bytes`, async () => {
    const text = someText(length);
    for (const way of await everyWay(deflateRawSync(text), length)) assert.deepEqual(way, text);
  });
}

const text = someText(30_000);
const data = deflateRawSync(text);
const refused: [what: string, data: Buffer, size: number][] = [
  ["one byte less than there is", data, text.length - 1],
  ["one byte more than there is", data, text.length + 1],
  ["nothing, where there is something", data, 0],
  ["data that end early", data.subarray(0, -1), text.length],
  ["data that end before the mark of their end", withoutEndMark(text), text.length],
  ["data that something follows", Buffer.concat([data, Buffer.of(0)]), text.length],
  ["data that other data follow", Buffer.concat([data, data]), text.length],
  ["data that are not deflated", text, text.length],
  ["no data", Buffer.alloc(0), 1],
];

/** A stored block that is not the last one (RFC 1951, 3.2.4), and nothing after it. */
function withoutEndMark(bytes: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt16LE(bytes.length, 1);
  header.writeUInt16LE(bytes.length ^ 0xffff, 3);
  return Buffer.concat([header, bytes]);
}

for (const [what, bad, size] of refused) {
  test(`every way refuses ${what}, and inflates what comes next`, async () => {
    assert.deepEqual(await everyWay(bad, size), [undefined, undefined, undefined, undefined]);
    for (const way of await everyWay(data, text.length)) assert.deepEqual(way, text);
  });
}

test("all ways agree on data of which bytes are altered", async () => {
  let inflated = 0;
  for (let at = 0; at < 400; at++) {
    const altered = Buffer.from(data);
    altered[(at * 7919) % data.length] = (altered[(at * 7919) % data.length] ?? 0) ^ (1 << (at % 8));
    const [first, ...others] = await everyWay(altered, text.length);
    for (const other of others) assert.deepEqual(other, first, `byte ${(at * 7919) % data.length}`);
    if (first !== undefined) inflated++;
  }
  assert.ok(inflated > 0 && inflated < 400, `${inflated} of 400 inflate`);
});
