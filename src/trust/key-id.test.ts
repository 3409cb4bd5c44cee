import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { test } from "node:test";
import { keyIdOf, keyIdOfPem, keyOfId } from "./key-id.ts";
import { importKey } from "./verification-key.ts";

function pemOf(kind: "ed25519" | "p256" | "p384" | "rsa"): string {
  return publicKeyOf(kind).export({ type: "spki", format: "pem" }).toString();
}

function publicKeyOf(kind: "ed25519" | "p256" | "p384" | "rsa"): KeyObject {
  switch (kind) {
    case "ed25519":
      return generateKeyPairSync("ed25519").publicKey;
    case "p256":
    case "p384":
      return generateKeyPairSync("ec", { namedCurve: kind === "p256" ? "prime256v1" : "secp384r1" }).publicKey;
    case "rsa":
      return generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
  }
}

for (const [kind, length] of [
  ["ed25519", 43],
  ["p256", 44],
] as const) {
  test(`keyIdOfPem() and keyOfId() name ${kind} keys and find them again`, () => {
    // Many, since a point's y is odd for half of them, and coordinates may begin with zeros.
    for (let times = 0; times < 50; times += 1) {
      const id = keyIdOfPem(pemOf(kind)) ?? "";
      assert.match(id, new RegExp(`^${kind}:[A-Za-z0-9_-]{${length}}$`));
      const key = keyOfId(id);
      assert.ok(key);
      assert.equal(keyIdOf(key), id);
    }
  });
}

test("keyOfId() writes the public key in full", () => {
  const pem = pemOf("p256");
  const der = Buffer.from(pem.replace(/-----.*-----|\s/g, ""), "base64");
  assert.deepEqual(keyOfId(keyIdOfPem(pem) ?? "")?.spki, der);
  assert.deepEqual(keyOfId(keyIdOf(importKey(der)) ?? "")?.spki, der);
});

const anEd25519 = "ed25519:tHrL1HxVS-H9BcXIRSgTbYbOA7oD0Uedo5WP9JiD_d8";
const oneOfOrder = (hex: string) => `ed25519:${Buffer.from(hex, "hex").toString("base64url")}`;

for (const [what, text] of [
  ["no algorithm", anEd25519.slice("ed25519:".length)],
  ["another algorithm", anEd25519.replace("ed25519", "ed448")],
  ["the algorithm in capitals", anEd25519.replace("ed25519", "Ed25519")],
  ["padding", `${anEd25519}=`],
  ["spare bits that are not zero", `${anEd25519.slice(0, -1)}9`],
  ["too few bytes", anEd25519.slice(0, -4)],
  ["the standard alphabet", anEd25519.replace("-", "+").replace("_", "/")],
  ["a point that is not on the curve", `p256:${Buffer.alloc(33, 3).toString("base64url")}`],
  ["the point at infinity", `p256:${Buffer.alloc(33).toString("base64url")}`],
  ["a key of order 1", oneOfOrder(`01${"00".repeat(31)}`)],
  ["a key of order 1, written with its sign", oneOfOrder(`01${"00".repeat(30)}80`)],
  ["a key of order 2", oneOfOrder(`ec${"ff".repeat(30)}7f`)],
  ["a key of order 4", oneOfOrder("00".repeat(32))],
  ["a key of order 8", oneOfOrder("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")],
  ["a key of order 8, the other one", oneOfOrder("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")],
  ["a coordinate above the prime", oneOfOrder(`f0${"ff".repeat(30)}7f`)],
] as const) {
  test(`keyOfId() finds nothing under ${what}`, () => {
    assert.equal(keyOfId(text), undefined);
  });
}

test("keyOfId() finds a key whose sign bit is set", () => {
  assert.ok(keyOfId(oneOfOrder(`58${"66".repeat(30)}e6`)));
});

test("keyIdOfPem() names no key of another kind, and nothing that is no single public key", () => {
  const pem = pemOf("ed25519");
  for (const other of [
    pemOf("p384"),
    pemOf("rsa"),
    "",
    pem + pem,
    pem.replace("PUBLIC", "PRIVATE"),
    pem.replace(/\n.{9}/, "\n"),
  ]) {
    assert.equal(keyIdOfPem(other), undefined, other);
  }
});
