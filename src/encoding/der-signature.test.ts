import assert from "node:assert/strict";
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { test } from "node:test";
import { derSignature } from "./der-signature.ts";

test("derSignature() writes what OpenSSL reads, whatever the numbers begin with", () => {
  const { privateKey: key, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // Among 200 signatures some have an r or s with a leading one, some with a leading zero byte.
  for (let at = 0; at < 200; at += 1) {
    const data = Buffer.from(`message ${at}`);
    const raw = sign("sha256", data, { key, dsaEncoding: "ieee-p1363" });
    assert.ok(verify("sha256", data, publicKey, derSignature(raw)));
  }
  const small = Buffer.alloc(64);
  small[31] = 1;
  assert.equal(derSignature(small).toString("hex"), "3006020101020100");
});
