import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parseFilename } from "../distribution/filename.ts";
import { SignatureError } from "../errors.ts";
import { verifyDetachedJws, verifyRecordJws } from "./signed-file.ts";
import { keyIdOfJwk, signingKeys } from "./signing-keys.ts";
import { recordHash } from "./subject.ts";
import type { SignatureFate } from "./verify.ts";

/** Documents of all generations that others made: by wheel 0.9 to 0.31.1, by jose, by Python. */

const shared = new URL("../../../shared/signatures/", import.meta.url);
const skip = existsSync(shared) ? {} : { skip: "the shared signature vectors are not there" };
const read = (name: string) => readFileSync(new URL(name, shared));
const json = (name: string) => JSON.parse(read(name).toString());
const names = (folder: string, suffix: string) =>
  readdirSync(new URL(folder, shared))
    .filter((name) => name.endsWith(suffix))
    .map((name) => `${folder}/${name}`);

interface NamedKey {
  readonly jwk: { readonly crv: string };
}
const people = skip.skip === undefined ? (json("keys.json") as Record<string, NamedKey>) : {};
const idOf = (name: string) => keyIdOfJwk({ ...people[name]?.jwk }) ?? assert.fail(`no key ${name}`);
const trusted = () => signingKeys(["alice", "bob", "carol", "dave"].map(idOf));
const record = () => recordHash(read("RECORD"));
const signers = (fates: readonly SignatureFate[]) =>
  new Set(fates.flatMap((each) => (each.fate === "verified" ? [each.key] : []))).size;

test("each document of the general, flattened and legacy forms has as many signers as its name says", skip, () => {
  for (const name of [...names("general", ".jws"), ...names("legacy", ".jws")]) {
    const fates = verifyRecordJws(read(name), record(), trusted());
    assert.equal(signers(fates), Number(/-(\d)\.jws$/.exec(name)?.[1]), name);
    assert.ok(
      fates.every(({ fate }) => fate === "verified"),
      name,
    );
  }
});

test("each negative document has fewer than two signers", skip, () => {
  const expected = Object.keys(json("negative/expected.json").cases).map((name) => `negative/${name}.jws`);
  assert.deepEqual(expected.toSorted(), names("negative", ".jws").toSorted());
  for (const name of expected) {
    try {
      assert.ok(signers(verifyRecordJws(read(name), record(), trusted())) < 2, name);
    } catch (error) {
      assert.ok(error instanceof SignatureError, `${name}: ${error}`);
    }
  }
});

test("what `wheel sign` wrote verifies for the key of whoever signed, and for nobody else", skip, () => {
  for (const name of ["alice", "bob", "carol"]) {
    const document = read(`wheeltool-${name}/RECORD.jws`);
    assert.deepEqual(verifyRecordJws(document, record(), trusted()), [{ fate: "verified", key: idOf(name) }]);
    const [stranger] = verifyRecordJws(document, record(), signingKeys([idOf("dave")]));
    assert.equal(stranger?.fate, "unknown");
  }
});

test("a detached signature verifies in its place and not in that of RECORD.jws", skip, () => {
  const document = read("sidecar/tspip_vec-1.0-py3-none-any.whl.jws");
  const { filename, sha256, size, record: hash } = json("sidecar/payload.json");
  const artifact = { filename: parseFilename(filename), sha256, size, record: hash };
  assert.equal(signers(verifyDetachedJws(document, artifact, trusted())), 3);
  const other = { ...artifact, sha256: sha256.replace(/^./, "0") };
  assert.throws(() => verifyDetachedJws(document, other, trusted()), { code: "signature-subject-mismatch" });
  assert.throws(() => verifyRecordJws(document, record(), trusted()), { code: "signature-subject-mismatch" });
  const embedded = read("general/ed25519-3.jws");
  assert.throws(() => verifyDetachedJws(embedded, artifact, trusted()), { code: "signature-subject-mismatch" });
});

test("all wheels of the index with a RECORD.jws are signed by the key in their header", skip, () => {
  const documents = names("pypi", ".RECORD.jws");
  assert.equal(documents.length, 18);
  const wheelKey = "ed25519:tmAYCrSfj8gtJ10v3VkvW7jOndKmQIYE12hgnFu3cvk";
  for (const name of documents) {
    const own = recordHash(read(name.replace(/\.jws$/, "")));
    const [stranger] = verifyRecordJws(read(name), own, trusted());
    assert.ok(stranger?.fate === "unknown" && stranger.key !== undefined, name);
    assert.equal(signers(verifyRecordJws(read(name), own, signingKeys([stranger.key]))), 1, name);
    if (!name.includes("wheel-0.9-")) assert.equal(stranger.key, wheelKey, name);
    assert.throws(() => verifyRecordJws(read(name), record(), trusted()), { code: "signature-subject-mismatch" });
  }
});
