import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { GeneralSign, generalVerify, importJWK } from "jose";
import { parseFilename } from "../distribution/filename.ts";
import { keySigner } from "../signature/private-key.ts";
import { addSignature, signDocument } from "../signature/sign.ts";
import { verifyDetachedJws, verifyRecordJws } from "../signature/signed-file.ts";
import { signingKeys } from "../signature/signing-keys.ts";
import { artifactPayload, artifactType, recordHash } from "../signature/subject.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { openArchive } from "../wheel/open-archive.ts";
import { makeWheel } from "./make-wheel.ts";
import { python } from "./scene.ts";
import { artifact } from "./signature-cases/documents.ts";
import { caseKeys } from "./signature-cases/keys.ts";
import { temporaryFolder } from "./tree.ts";

/** What others sign we verify, and what we sign others verify: jose, python-cryptography, and `wheel sign` as it was. */

const { alice, bob, dave } = caseKeys;
const about = { ...artifact, filename: parseFilename(artifact.filename) };
const script = (name: string) => fileURLToPath(new URL(`./signature-interop/${name}`, import.meta.url));
const needsCryptography = hasCryptography() ? {} : { skip: "there is no python3 with cryptography" };

function hasCryptography(): boolean {
  if (python === undefined) return false;
  try {
    execFileSync(python, ["-c", "import cryptography.hazmat.primitives.asymmetric.ed25519"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function signedByUs(): Promise<Buffer> {
  const payload = Buffer.from(JSON.stringify(artifactPayload(about)));
  const one = await signDocument(payload, artifactType, keySigner(alice.privateKey));
  const two = await addSignature(one, artifactType, keySigner(dave.privateKey));
  return addSignature(two, artifactType, keySigner(bob.privateKey));
}

test("jose verifies each signature that we make, and none by another key", async () => {
  const document = JSON.parse((await signedByUs()).toString());
  for (const { jwk } of [alice, bob, dave]) {
    const { protectedHeader } = await generalVerify(
      document,
      await importJWK(jwk, jwk.kty === "EC" ? "ES256" : "Ed25519"),
    );
    assert.equal(protectedHeader?.typ, artifactType);
  }
  const stranger = await importJWK(caseKeys.mallory.jwk, "Ed25519");
  await assert.rejects(generalVerify(document, stranger));
});

test("we verify what jose signs", async () => {
  const signing = new GeneralSign(Buffer.from(JSON.stringify(artifactPayload(about))));
  for (const [key, alg] of [
    [alice, "EdDSA"],
    [bob, "Ed25519"],
    [dave, "ES256"],
  ] as const)
    signing.addSignature(key.privateKey).setProtectedHeader({ alg, typ: artifactType });
  const document = Buffer.from(JSON.stringify(await signing.sign()));
  const keys = [alice, bob, dave].map(({ id }) => id);
  const fates = verifyDetachedJws(document, about, signingKeys(keys));
  assert.deepEqual(
    fates,
    keys.map((key) => ({ fate: "verified", key })),
  );
});

test("python-cryptography verifies each signature that we make", needsCryptography, async () => {
  using folder = temporaryFolder();
  const [document, keys] = [join(folder.path, "document.json"), join(folder.path, "keys.json")];
  writeFileSync(document, await signedByUs());
  writeFileSync(
    keys,
    JSON.stringify(Object.fromEntries([alice, bob, dave].map(({ thumbprint, jwk }) => [thumbprint, jwk]))),
  );
  const said = execFileSync(python ?? "", [script("verify_jws.py"), document, keys], { encoding: "utf8" });
  assert.deepEqual(said.trim().split("\n").sort(), [alice, bob, dave].map(({ thumbprint }) => thumbprint).sort());
});

test("a wheel signed as `wheel sign` did verifies for its key, and for no other", needsCryptography, async () => {
  using folder = temporaryFolder();
  const { filename, bytes } = makeWheel({ name: "demo" });
  const path = join(folder.path, filename);
  writeFileSync(path, bytes);
  const seed = "5e".repeat(32);
  const vk = execFileSync(python ?? "", [script("wheel_sign.py"), path, seed], { encoding: "utf8" }).trim();
  const archive = openArchive(openShared({ kind: "memory", bytes: readFileSync(path) }));
  const [record, jws] = ["RECORD", "RECORD.jws"].map((name) => archive.entry(`demo-1.0.dist-info/${name}`));
  if (record === undefined || jws === undefined) assert.fail("RECORD and RECORD.jws are there");
  const hash = recordHash(archive.read(record));
  const key = `ed25519:${vk}` as const;
  assert.deepEqual(verifyRecordJws(archive.read(jws), hash, signingKeys([key])), [{ fate: "verified", key }]);
  const [stranger] = verifyRecordJws(archive.read(jws), hash, signingKeys([alice.id]));
  assert.deepEqual([stranger?.fate, stranger?.fate === "unknown" && stranger.key], ["unknown", key]);
});
