import assert from "node:assert/strict";
import { test } from "node:test";
import { generatePrivateKey, keySigner } from "../signature/private-key.ts";
import { addSignature, signDocument } from "../signature/sign.ts";
import { artifactType } from "../signature/subject.ts";
import { bundleType, judgeManifest, signManifest } from "./bundle-signature.ts";

const manifest = Buffer.from('{"type":"tspip-bundle"}');
const [maker, other] = [keySigner(generatePrivateKey("ed25519")), keySigner(generatePrivateKey("p256"))];

test("judgeManifest() knows a maker by Ed25519 and by P-256", async () => {
  for (const signer of [maker, other]) {
    const signature = await signManifest(manifest, signer);
    assert.deepEqual(judgeManifest(manifest, signature, [maker.key, other.key]), {
      outcome: "verified",
      key: signer.key,
    });
  }
});

test("judgeManifest() takes one accepted signature among those of others", async () => {
  const both = await addSignature(await signManifest(manifest, other), bundleType, maker);
  assert.deepEqual(judgeManifest(manifest, both, [maker.key]), { outcome: "verified", key: maker.key });
  assert.equal(judgeManifest(manifest, await signManifest(manifest, other), [maker.key]).outcome, "unknown");
});

test("judgeManifest() takes no signature of a wheel for one of a bundle", async () => {
  const { payload } = JSON.parse(String(await signManifest(manifest, maker)));
  const asWheel = await signDocument(Buffer.from(payload, "base64url"), artifactType, maker);
  assert.equal(judgeManifest(manifest, asWheel, [maker.key]).outcome, "invalid");
});

test("judgeManifest() refuses a signature over another manifest, whoever made it", async () => {
  const signature = await signManifest(Buffer.from("{}"), maker);
  assert.deepEqual(judgeManifest(manifest, signature, []), {
    outcome: "invalid",
    reason: "it is over another manifest",
  });
  assert.equal(judgeManifest(manifest, Buffer.from("nothing"), [maker.key]).outcome, "invalid");
});
