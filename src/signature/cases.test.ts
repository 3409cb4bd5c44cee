import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parseFilename } from "../distribution/filename.ts";
import { SignatureError } from "../errors.ts";
import { artifact, recordHash } from "../testing/signature-cases/documents.ts";
import { type CaseKeyName, caseKeys, trustedNames } from "../testing/signature-cases/keys.ts";
import { verifyDetachedJws, verifyRecordJws } from "./signed-file.ts";
import { signingKeys } from "./signing-keys.ts";

/** Every case of testdata/signature: a document that somebody could put there, and whose signatures count. */

interface Case {
  readonly why: string;
  readonly place: "record" | "detached";
  readonly document?: string;
  readonly padding?: number;
  readonly base64?: string;
  readonly expect: readonly CaseKeyName[] | string;
}

const folder = new URL("../../testdata/signature/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
const keys = signingKeys(trustedNames.map((name) => caseKeys[name].id));
const about = { ...artifact, filename: parseFilename(artifact.filename) };

test("there are more than a hundred cases", () => assert.ok(names.length > 100));

for (const name of names) {
  const { why, place, expect, ...given }: Case = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
  test(`${name.replace(".json", "")}: ${why}`, () => assert.deepEqual(judge(place, bytesOf(given)), expect));
}

function bytesOf({ document = "", padding = 0, base64 }: Partial<Case>): Buffer {
  return base64 === undefined ? Buffer.from(document + " ".repeat(padding)) : Buffer.from(base64, "base64");
}

/** The names of those whose signatures count, each once; or why the document is refused. */
function judge(place: Case["place"], bytes: Buffer): readonly string[] | string {
  try {
    const fates = place === "record" ? verifyRecordJws(bytes, recordHash, keys) : verifyDetachedJws(bytes, about, keys);
    const signers = new Set(fates.flatMap((fate) => (fate.fate === "verified" ? [fate.key] : [])));
    return trustedNames.filter((name) => signers.has(caseKeys[name].id));
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    return error.code;
  }
}
