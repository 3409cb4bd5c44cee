import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePolicy } from "./parse.ts";
import { isTimeless } from "./timeless.ts";

const timeless = (text: string) => isTimeless(parsePolicy(`version = 1\n${text}`, "policy.toml"));

test("isTimeless() knows what makes a verdict change with time, wherever it stands", () => {
  const rule = '[[rule]]\nmatch = { name = "demo" }\n';
  assert.ok(
    timeless(`[default]\nattestation = "require"\n${rule}sdist = "allow"\n[floor]\ndeny = [{ name = "evil" }]\n`),
  );
  const signer = `[signers.ci]\nkind = "key"\nkey = "ed25519:tHrL1HxVS-H9BcXIRSgTbYbOA7oD0Uedo5WP9JiD_d8"\n`;
  for (const text of [
    "expires = 2027-01-01\n",
    '[default]\nmin-age = "P3D"\n',
    `${rule}min-age = "P3D"\n`,
    `${rule}mode = "warn"\nenforce-after = 2027-01-01\n`,
    `${rule}summary = { signer = "ci", verifier = "https://ci.example/", max-age = "P1D" }\n${signer}`,
    '[[exception]]\nid = "EX-1"\nmatch = { name = "demo" }\nwaive = ["attestation"]\nreason = "r"\nowner = "o"\nexpires = 2027-01-01\n',
  ])
    assert.ok(!timeless(text), text);
});
