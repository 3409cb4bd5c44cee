import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { JsonObject } from "../encoding/json.ts";
import { SignatureError } from "../errors.ts";
import { parseSignedDocument } from "./jws.ts";
import { keyIdOfJwk, signingKeys } from "./signing-keys.ts";
import { verifySignatures } from "./verify.ts";

/**
 * Wycheproof's vectors through our path. They are in compact form: each becomes the flattened one, which signs the same
 * text. Keys and algorithms that wheels are not signed with are refused whatever the vector says, as is `crit`.
 */

const shared = new URL("../../../shared/wycheproof/", import.meta.url);
const skip = existsSync(shared) ? {} : { skip: "the Wycheproof vectors are not there" };
const read = (name: string) => JSON.parse(readFileSync(new URL(name, shared), "utf8"));

interface Group {
  readonly public?: JsonObject;
  readonly tests: readonly { tcId: number; comment: string; jws: string | object; result: string }[];
}

function isAccepted(jws: string | object, jwk: JsonObject | undefined): boolean {
  const id = keyIdOfJwk({ ...jwk });
  if (id === undefined) return false;
  try {
    const document = parseSignedDocument(Buffer.from(typeof jws === "string" ? flattened(jws) : JSON.stringify(jws)));
    return verifySignatures(document, signingKeys([id]), () => true).some(({ fate }) => fate === "verified");
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    return false;
  }
}

function flattened(jws: string): string {
  if (jws.startsWith("{")) return jws;
  const [head, payload, signature, ...more] = jws.split(".");
  return JSON.stringify(more.length > 0 ? { compact: jws } : { protected: head, payload, signature });
}

test("JSON Web Signature: no vector that is invalid is accepted, none of ours that is valid is refused", skip, () => {
  const groups: readonly Group[] = read("w_json_web_signature_test.json").testGroups;
  const deviations: string[] = [];
  let ours = 0;
  for (const { public: jwk, tests } of groups) {
    for (const { tcId, comment, jws, result } of tests) {
      const accepted = isAccepted(jws, jwk);
      if (result === "invalid") assert.equal(accepted, false, `${tcId} ${comment}`);
      else if (keyIdOfJwk({ ...jwk }) === undefined) assert.equal(accepted, false, `${tcId} ${comment}`);
      else if (!accepted) deviations.push(`${tcId} ${comment}`);
      else ours += 1;
    }
  }
  assert.ok(ours > 0);
  assert.deepEqual(deviations, []);
});

test("Ed25519: each vector, signed text and signature, comes out as it should", skip, () => {
  const groups = read("w_ed25519_test.json").testGroups;
  let count = 0;
  for (const { publicKey, tests } of groups) {
    const x = Buffer.from(publicKey.pk, "hex").toString("base64url");
    const id = keyIdOfJwk({ kty: "OKP", crv: "Ed25519", x });
    assert.ok(id !== undefined);
    for (const { tcId, comment, msg, sig, result } of tests) {
      const entry = {
        header: { alg: "Ed25519" },
        signingInput: Buffer.from(msg, "hex"),
        signature: Buffer.from(sig, "hex"),
      };
      const document = { payload: Buffer.of(), general: { payload: "", signatures: [] }, entries: [entry] };
      const [fate] = verifySignatures(document, signingKeys([id]), () => true);
      assert.equal(fate?.fate === "verified", result === "valid", `${tcId} ${comment}`);
      count += 1;
    }
  }
  assert.ok(count > 100);
});
