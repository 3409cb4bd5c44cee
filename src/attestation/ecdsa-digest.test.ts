import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { importKey } from "../trust/verification-key.ts";
import { isDigestSignedBy } from "./ecdsa-digest.ts";

test("isDigestSignedBy() agrees with OpenSSL about fresh keys and messages", () => {
  for (let round = 0; round < 20; round++) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const key = importKey(publicKey.export({ format: "der", type: "spki" }));
    const message = Buffer.from(`message ${round}`);
    const digest = createHash("sha256").update(message).digest();
    const signature = sign("sha256", message, privateKey);
    assert.equal(isDigestSignedBy(key, digest, signature), true);
    assert.equal(isDigestSignedBy(key, createHash("sha256").update(digest).digest(), signature), false);
    assert.equal(isDigestSignedBy(key, digest, sign("sha256", digest, privateKey)), false);
  }
});

test("isDigestSignedBy() has no answer but no for other keys", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "secp384r1" });
  const key = importKey(publicKey.export({ format: "der", type: "spki" }));
  const message = Buffer.from("message");
  const digest = createHash("sha256").update(message).digest();
  assert.equal(isDigestSignedBy(key, digest, sign("sha256", message, privateKey)), false);
});
