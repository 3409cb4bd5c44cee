import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../testing/fast-check.ts";
import { checkDer, DerError, encodeDer, enterDer, readDer, tag } from "./der.ts";
import { boolean, objectIdentifier, preciseTime, smallInteger, time } from "./der-values.ts";

test("readDer() reads what encodeDer() writes, at every form of the length", () => {
  for (const length of [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000]) {
    const content = Buffer.alloc(length, 7);
    assert.deepEqual(readDer(encodeDer(tag.octetString, content), tag.octetString).content, content);
  }
});

for (const [what, hex] of [
  ["an indefinite length", "30800000"],
  ["a length in more bytes than it needs", "04810161"],
  ["a length with a leading zero", "0482008061"],
  ["a length of five bytes", "04850000000001"],
  ["an element longer than the bytes", "040261"],
  ["bytes behind the element", "04016100"],
  ["a tag of two bytes", "1f810100"],
  ["nothing", ""],
] as const) {
  test(`readDer() refuses ${what}`, () => {
    const bytes = Buffer.from(hex, "hex");
    assert.throws(() => readDer(bytes, bytes[0] ?? tag.octetString), DerError);
  });
}

test("readDer() throws nothing but DerError at any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        const reader = enterDer(Buffer.from(bytes), tag.sequence);
        while (!reader.isAtEnd) reader.next();
      } catch (error) {
        assert.ok(error instanceof DerError);
      }
    }),
  );
});

const element = (found: number, hex: string) => readDer(encodeDer(found, Buffer.from(hex, "hex")), found);

test("objectIdentifier() decodes X.690's examples and Fulcio's arcs", () => {
  assert.equal(objectIdentifier(element(tag.objectIdentifier, "883703")), "2.999.3");
  assert.equal(objectIdentifier(element(tag.objectIdentifier, "2b0601040183bf300108")), "1.3.6.1.4.1.57264.1.8");
  assert.equal(objectIdentifier(element(tag.objectIdentifier, "550403")), "2.5.4.3");
  for (const hex of ["", "80", "2b80", "2b8001", "2b9fffffffff7f"]) {
    assert.throws(() => objectIdentifier(element(tag.objectIdentifier, hex)), DerError, hex);
  }
});

test("values have one encoding", () => {
  assert.equal(boolean(element(tag.boolean, "ff")), true);
  assert.throws(() => boolean(element(tag.boolean, "01")), DerError);
  assert.equal(smallInteger(element(tag.integer, "0080")), 128);
  for (const hex of ["", "80", "0001", "ff80", "0100000000"]) {
    assert.throws(() => smallInteger(element(tag.integer, hex)), DerError, hex);
  }
});

test("time() reads the two forms of RFC 5280 and no other", () => {
  const read = (found: number, text: string) => time(element(found, Buffer.from(text).toString("hex")));
  assert.equal(read(tag.utcTime, "491231235959Z"), Date.parse("2049-12-31T23:59:59Z"));
  assert.equal(read(tag.utcTime, "500101000000Z"), Date.parse("1950-01-01T00:00:00Z"));
  assert.equal(read(tag.generalizedTime, "20500101000000Z"), Date.parse("2050-01-01T00:00:00Z"));
  for (const text of ["4912312359Z", "491231235959+0100", "490230000000Z", "491231250000Z"]) {
    assert.throws(() => read(tag.utcTime, text), DerError, text);
  }
});

test("preciseTime() reads a fraction that does not end in zero", () => {
  const read = (text: string) => preciseTime(element(tag.generalizedTime, Buffer.from(text).toString("hex")));
  assert.equal(read("20250601120000.5Z"), Date.parse("2025-06-01T12:00:00.500Z"));
  assert.equal(read("20250601120000Z"), Date.parse("2025-06-01T12:00:00Z"));
  for (const text of ["20250601120000.50Z", "20250601120000.Z", "20250601120000"])
    assert.throws(() => read(text), DerError);
});

test("checkDer() looks at all there is, however deep, and no deeper than any document has it", () => {
  const nested = (depth: number, inner: Buffer): Buffer =>
    depth === 0 ? inner : encodeDer(tag.sequence, nested(depth - 1, inner));
  checkDer(nested(8, encodeDer(tag.null, Buffer.alloc(0))));
  assert.throws(() => checkDer(nested(8, Buffer.from([0x04, 0x05, 0x00]))), DerError);
  assert.throws(() => checkDer(nested(8, Buffer.from([0x00, 0x00]))), /reserved tag/);
  assert.throws(() => checkDer(nested(70, Buffer.alloc(0))), /nested more than/);
});
