import { createECDH, ECDH } from "node:crypto";
import { type DerReader, enterDer, tag } from "../encoding/der.ts";
import { checkInteger, wholeBytes } from "../encoding/der-values.ts";
import type { VerificationKey } from "../trust/verification-key.ts";

// NIST P-256 (SEC 2, section 2.4.2), which OpenSSL calls prime256v1.
const prime = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const bytesOfField = 32;
const curve = "prime256v1";

interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

/**
 * Whether `signature` (DER) by the P-256 key covers the bytes whose SHA-256 is `digest`. node:crypto verifies ECDSA over
 * bytes only, and for a large artifact only the digest is at hand.
 *
 * FIPS 186-5, section 6.4.2, wants x(u·G + v·Q) = r with u = z/s and v = r/s. That is v·((z/r)·G + Q): both
 * multiplications are ones that OpenSSL does for key agreement, and one addition of points is left. Nothing is secret.
 */
export function isDigestSignedBy(key: VerificationKey, digest: Buffer, signature: Buffer): boolean {
  const numbers = readSignature(signature);
  if (key.algorithm !== "ecdsa-p256" || digest.length !== bytesOfField || numbers === undefined) return false;
  const { r, s } = numbers;
  const z = toInteger(digest);
  const scaled = add(multiplyBase((z * inverse(r, order)) % order), publicPoint(key));
  if (scaled === undefined) return false;
  return multiply((r * inverse(s, order)) % order, scaled) % order === r;
}

/** RFC 3279, section 2.2.3: SEQUENCE { r, s }, both from 1 to the order - 1. */
function readSignature(signature: Buffer): { r: bigint; s: bigint } | undefined {
  try {
    const fields = enterDer(signature, tag.sequence);
    const r = readScalar(fields);
    const s = readScalar(fields);
    fields.end();
    return { r, s };
  } catch {
    return undefined;
  }
}

function readScalar(fields: DerReader): bigint {
  const element = fields.next(tag.integer);
  checkInteger(element);
  if (element.content.length > bytesOfField + 1 || (element.content[0] ?? 0x80) >= 0x80)
    throw new RangeError("out of range");
  const value = toInteger(element.content);
  if (value === 0n || value >= order) throw new RangeError("out of range");
  return value;
}

/** OpenSSL has checked that the point is on the curve when it imported the key. */
function publicPoint({ spki }: VerificationKey): Point {
  const subjectPublicKeyInfo = enterDer(spki, tag.sequence);
  subjectPublicKeyInfo.next(tag.sequence);
  return decodePoint(wholeBytes(subjectPublicKeyInfo.next(tag.bitString)));
}

function decodePoint(bytes: Buffer): Point {
  const point = Buffer.from(ECDH.convertKey(bytes, curve, undefined, undefined, "uncompressed"));
  return { x: toInteger(point.subarray(1, 1 + bytesOfField)), y: toInteger(point.subarray(1 + bytesOfField)) };
}

/** `scalar`·G; `undefined` is the point at infinity. */
function multiplyBase(scalar: bigint): Point | undefined {
  if (scalar === 0n) return undefined;
  const agreement = createECDH(curve);
  agreement.setPrivateKey(toBytes(scalar));
  return decodePoint(agreement.getPublicKey());
}

/** The x coordinate of `scalar`·`point`. The scalar is not 0, and the order is prime: the result is never infinite. */
function multiply(scalar: bigint, { x, y }: Point): bigint {
  const agreement = createECDH(curve);
  agreement.setPrivateKey(toBytes(scalar));
  return toInteger(agreement.computeSecret(Buffer.concat([Buffer.from([0x04]), toBytes(x), toBytes(y)])));
}

/** Addition on the curve y² = x³ - 3x + b; `undefined` is the point at infinity. */
function add(left: Point | undefined, right: Point): Point | undefined {
  if (left === undefined) return right;
  const isSameX = left.x === right.x;
  if (isSameX && left.y !== right.y) return undefined;
  const slope = isSameX
    ? (3n * left.x * left.x - 3n) * inverse(2n * left.y, prime)
    : (right.y - left.y) * inverse(right.x - left.x, prime);
  const x = modulo(slope * slope - left.x - right.x, prime);
  return { x, y: modulo(slope * (left.x - x) - left.y, prime) };
}

/** The inverse of `value`, which is not 0, modulo the prime `modulus` (extended Euclidean algorithm). */
function inverse(value: bigint, modulus: bigint): bigint {
  let [previous, current] = [modulus, modulo(value, modulus)];
  let [previousFactor, factor] = [0n, 1n];
  while (current > 1n) {
    const quotient = previous / current;
    [previous, current] = [current, previous - quotient * current];
    [previousFactor, factor] = [factor, previousFactor - quotient * factor];
  }
  return modulo(factor, modulus);
}

function modulo(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

function toInteger(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString("hex")}`);
}

function toBytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * bytesOfField, "0"), "hex");
}
