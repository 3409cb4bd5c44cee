import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "smol-toml";
import { asJson, policySchema } from "../testing/policy-schema.ts";
import { defaultPolicyText } from "./default-policy.ts";
import { parsePolicy } from "./parse.ts";

const root = new URL("../../", import.meta.url);
const broken = new URL("testdata/policies/", root);
const validate = policySchema();

/** Files that are no TOML at all: an editor says so before it looks at a schema. */
const notToml = [
  "duplicate-key",
  "duplicate-table",
  "not-toml",
  "not-utf-8",
  "signer-defined-twice",
  "too-deep-list",
  "unclosed-string",
];

/** Mistakes that no schema can see, each with the reason. */
const beyondSchema: Readonly<Record<string, string>> = {
  "expires-no-such-day": "the TOML parser takes 30 February for 2 March",
  "expires-as-text": "JSON has no dates, so that a date is a string there",
  "version-as-float": "JSON has no integers",
  "group-named-as-signer": "names are resolved",
  "group-of-unknown": "names are resolved",
  "signer-unknown": "names are resolved",
  "one-signer-two-kinds": "signers are compared",
  "one-signer-two-names": "signers are compared",
  "one-signer-two-spellings": "signers are compared",
  "threshold-above-members": "members are counted",
  "threshold-above-owners": "members are counted",
  "threshold-above-identities": "members are counted",
  "key-two-names": "signers are compared",
  "key-two-spellings": "signers are compared",
  "keyring-id-two-names": "signers are compared",
  "key-off-the-curve": "keys are read",
  "key-of-small-order": "keys are read",
  "key-id-without-keyring": "the keyring is looked for",
  "key-without-prefix": "the keyring is looked for",
  "publish-by-key": "names are resolved",
  "signatures-by-publisher": "names are resolved",
  "signatures-by-mixed-group": "names are resolved",
  "vouch-by-group": "names are resolved",
  "vouch-by-unknown": "names are resolved",
  "vouch-threshold-above-members": "members are counted",
  "vouch-threshold-above-owners": "members are counted",
  "threshold-under-no-downgrade": "rules are completed from [default]",
  "missing-time-alone": "rules are completed from [default]",
  "deny-signer-unknown": "names are resolved",
  "deny-key-in-window": "names are resolved",
  "deny-window-backwards": "times are compared",
  "deny-window-as-text": "JSON has no times, so that a time is a string there",
  "deny-window-no-such-day": "the TOML parser takes 30 February for 2 March",
  "exception-expires-as-text": "JSON has no dates, so that a date is a string there",
  "exception-expires-no-such-day": "the TOML parser takes 29 February for 1 March",
  "exception-two-of-one-id": "exceptions are compared",
  "enforce-after-as-text": "JSON has no dates, so that a date is a string there",
  "enforce-after-in-enforce": "rules are completed from [default]",
  "enforce-after-mode-off": "rules are completed from [default]",
  "include-absent": "files are read",
  "include-not-toml": "files are read",
  "include-of-includer": "files are read",
  "include-other-sha256": "files are read",
  "include-that-includes-itself": "files are read",
  "include-itself": "files are read",
  "include-twice": "files are read",
  "include-twice-by-another": "files are read",
  "include-with-default": "files are read",
  "include-weakening-floor": "files are read",
  "include-without-version": "files are read",
  "include-same-exception": "files are read",
  "include-same-group-name": "files are read",
  "include-same-signer": "files are read",
  "include-same-signer-name": "files are read",
  "slsa-parameter-twice": "paths are compared",
  "summary-by-unknown": "names are resolved",
  "summary-by-keyring-key": "names are resolved",
  "sources-twice": "addresses are compared",
  "rule-never-applies": "rules are compared",
  "rule-after-every-name": "rules are compared",
  "publish-under-ignore": "rules are completed from [default]",
  "publish-under-ignored-default": "rules are completed from [default]",
  "threshold-under-if-present": "rules are completed from [default]",
};

for (const name of readdirSync(broken).filter((file) => file.endsWith(".toml"))) {
  const stem = name.replace(/\.toml$/, "");
  if (notToml.includes(stem)) continue;
  const reason = beyondSchema[stem];
  const verb = reason === undefined ? "refuses" : "cannot refuse";
  test(`docs/policy.schema.json ${verb} testdata/policies/${name}${reason === undefined ? "" : `: ${reason}`}`, () => {
    const text = readFileSync(new URL(name, broken), "utf8");
    assert.equal(validate(asJson(parse(text, { integersAsBigInt: true }))), reason !== undefined);
  });
}

const valid: readonly (readonly [string, string])[] = [
  ["the built-in default", defaultPolicyText],
  ...readdirSync(new URL("valid/", broken)).map((name) => fileAt(`testdata/policies/valid/${name}`)),
  ...readdirSync(new URL("policies/", root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => fileAt(`policies/${name}/policy.toml`)),
];

for (const [name, text] of valid) {
  test(`docs/policy.schema.json and parsePolicy() take ${name}`, () => {
    assert.doesNotThrow(() => parsePolicy(text, name, (path) => readFileSync(new URL(path, new URL(name, root)))));
    assert.ok(validate(asJson(parse(text))), JSON.stringify(validate.errors, undefined, 2));
  });
}

test("docs/policy.schema.json and parsePolicy() take every snippet of docs/policy.md", () => {
  const page = readFileSync(new URL("docs/policy.md", root), "utf8");
  const snippets = [...page.matchAll(/^```toml\n([\s\S]*?)^```$/gm)].map(([, snippet = ""]) => snippet);
  assert.ok(snippets.length > 5);
  for (const snippet of snippets) {
    const text = /^version\b/m.test(snippet) ? snippet : `version = 1\n${snippet}`;
    assert.ok(validate(asJson(parse(text))), `${JSON.stringify(validate.errors)}\n${snippet}`);
    if (!text.includes("include =")) assert.doesNotThrow(() => parsePolicy(text, "docs/policy.md"), snippet);
  }
});

function fileAt(path: string): readonly [string, string] {
  return [path, readFileSync(new URL(path, root), "utf8")];
}
