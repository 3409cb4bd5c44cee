import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { test } from "node:test";
import { importKey, isSignedBy } from "../trust/verification-key.ts";
import { verifyCheckpoint } from "./checkpoint.ts";

const rootHash = createHash("sha256").update("root").digest();
const proof = { logIndex: 5n, treeSize: 14n, rootHash, hashes: [] };
const name = "log.example.test";
const own = generateKeyPairSync("ed25519");
const stranger = generateKeyPairSync("ed25519").privateKey;
const logId = createHash("sha256").update("log").digest();
const log = {
  name,
  logId,
  checkpointKeyId: logId,
  key: importKey(own.publicKey.export({ format: "der", type: "spki" })),
  validFor: { start: 0 },
};
const text = `${name}\n14\n${rootHash.toString("base64")}\n`;

function line(key: KeyObject, signed = text, signer = name, hint = logId.subarray(0, 4)): string {
  return `\u2014 ${signer} ${Buffer.concat([hint, sign(null, Buffer.from(signed), key)]).toString("base64")}\n`;
}

const good = line(own.privateKey);
const witness = line(stranger, text, "witness.example.test", Buffer.from("witn"));

test("verifyCheckpoint() accepts the log's signature, with others before and behind it", () => {
  for (const signatures of [good, good + witness, witness + good, witness + good + witness]) {
    verifyCheckpoint(`${text}\n${signatures}`, proof, log, { isSignedBy });
  }
});

test("verifyCheckpoint() accepts a number of the shard in the origin, and further lines", () => {
  const extended = `${name} - 1193050959916656506\n14\n${rootHash.toString("base64")}\nTimestamp: 1689177396617352539\n`;
  verifyCheckpoint(`${extended}\n${line(own.privateKey, extended)}`, proof, log, { isSignedBy });
});

test("verifyCheckpoint() passes over a signature under the log's name with another key's hint", () => {
  verifyCheckpoint(`${text}\n${line(stranger, text, name, Buffer.from("othr"))}${good}`, proof, log, { isSignedBy });
});

for (const [what, envelope] of [
  ["a checkpoint without signatures", text],
  ["an empty list of signatures", `${text}\n`],
  ["only a witness", `${text}\n${witness}`],
  ["the right key under another name", `${text}\n${line(own.privateKey, text, "other.example.test")}`],
  ["a forged signature under the log's name and hint", `${text}\n${line(stranger)}`],
  ["the log's signature twice", `${text}\n${good}${witness}${good}`],
  ["a forged signature beside the good one", `${text}\n${good}${line(stranger)}`],
  ["a signature over another checkpoint", `${text}\n${line(own.privateKey, `${text}more\n`)}`],
  ["a last line without end", `${text}\n${good.slice(0, -1)}`],
  ["a malformed line among the signatures", `${text}\n${good}hello\n`],
  ["a signature line with a hyphen for the dash", `${text}\n${good.replace("\u2014", "-")}`],
  ["a signature that is no base64", `${text}\n\u2014 ${name} !!!!\n`],
  ["65 signatures", `${text}\n${good}${witness.repeat(64)}`],
] as const) {
  test(`verifyCheckpoint() refuses ${what}`, () => {
    assert.throws(() => verifyCheckpoint(envelope, proof, log, { isSignedBy }), { check: "checkpoint" });
  });
}

for (const [what, bent] of [
  ["of another log", text.replace(name, "other.example.test")],
  ["of a log whose name starts with ours", text.replace(name, `${name}.evil.test`)],
  ["of another size", text.replace("14", "15")],
  ["with a size in another spelling", text.replace("14", "014")],
  ["with another root hash", text.replace(rootHash.toString("base64"), Buffer.alloc(32).toString("base64"))],
  ["with a short root hash", text.replace(rootHash.toString("base64"), "AAAA")],
  ["without an origin", text.replace(`${name}\n`, "")],
] as const) {
  test(`verifyCheckpoint() refuses a checkpoint ${what}, although the log has signed it`, () => {
    assert.throws(() => verifyCheckpoint(`${bent}\n${line(own.privateKey, bent)}`, proof, log, { isSignedBy }), {
      check: "checkpoint",
    });
  });
}
