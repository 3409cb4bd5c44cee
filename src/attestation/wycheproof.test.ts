import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { importKey, isSignedBy } from "../trust/verification-key.ts";
import { isDigestSignedBy } from "./ecdsa-digest.ts";

const vectors = new URL("../../../shared/wycheproof/", import.meta.url);
const skip = existsSync(vectors) ? false : "needs the vectors in ../shared";

interface VectorFile {
  readonly numberOfTests: number;
  readonly testGroups: readonly {
    readonly publicKeyDer: string;
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly msg: string;
      readonly sig: string;
      readonly result: "valid" | "invalid" | "acceptable";
    }[];
  }[];
}

for (const [file, algorithm] of [
  ["w_ecdsa_secp256r1_sha256_test.json", "ecdsa-p256"],
  ["w_ed25519_test.json", "ed25519"],
] as const) {
  test(`isSignedBy() agrees with Wycheproof about ${algorithm}`, { skip }, () => {
    const { numberOfTests, testGroups } = readVectors(file);
    let compared = 0;
    for (const { publicKeyDer, tests } of testGroups) {
      const key = importKey(Buffer.from(publicKeyDer, "hex"));
      assert.equal(key.algorithm, algorithm);
      for (const { tcId, comment, msg, sig, result } of tests) {
        const isSigned = isSignedBy(key, Buffer.from(msg, "hex"), Buffer.from(sig, "hex"));
        assert.equal(isSigned, result === "valid", `${tcId}: ${comment}`);
        compared += 1;
      }
    }
    assert.equal(compared, numberOfTests);
  });
}

test("isDigestSignedBy() agrees with Wycheproof about ECDSA over a digest", { skip }, () => {
  for (const { publicKeyDer, tests } of readVectors("w_ecdsa_secp256r1_sha256_test.json").testGroups) {
    const key = importKey(Buffer.from(publicKeyDer, "hex"));
    for (const { tcId, comment, msg, sig, result } of tests) {
      const digest = createHash("sha256").update(Buffer.from(msg, "hex")).digest();
      assert.equal(isDigestSignedBy(key, digest, Buffer.from(sig, "hex")), result === "valid", `${tcId}: ${comment}`);
    }
  }
});

function readVectors(file: string): VectorFile {
  return JSON.parse(readFileSync(new URL(file, vectors), "utf8"));
}
