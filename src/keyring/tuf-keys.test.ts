import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { Key } from "@tufjs/models";
import { keyIdOf } from "../trust/key-id.ts";
import { importKey } from "../trust/verification-key.ts";
import { fromTufKey, toTufKey } from "./tuf-keys.ts";

const [ed25519, p256, p384] = [
  generateKeyPairSync("ed25519").publicKey,
  generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
  generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey,
];

test("fromTufKey() reads what toTufKey() writes", () => {
  for (const key of [ed25519, p256]) {
    const id = keyIdOf(importKey(key.export({ type: "spki", format: "der" }))) ?? assert.fail();
    assert.deepEqual(fromTufKey(toTufKey({ name: "alice", id })), { name: "alice", id });
  }
});

for (const [what, keyType, text] of [
  ["a key of order 1, by which anybody signs", "ed25519", `01${"00".repeat(31)}`],
  ["a key that is too short", "ed25519", "ab"],
  ["a P-384 key", "ecdsa", p384.export({ type: "spki", format: "pem" }).toString()],
  ["what is no PEM", "ecdsa", "a key"],
  ["PEM of what is no key", "ecdsa", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"],
] as const) {
  test(`fromTufKey() refuses ${what}`, () => {
    const key = new Key({ keyID: "1", keyType, scheme: "x", keyVal: { public: text } });
    assert.throws(() => fromTufKey(key), { code: "keyring-refused" });
  });
}
