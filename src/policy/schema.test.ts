import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { parse, stringify, type TomlValue } from "smol-toml";
import { PolicyFileError } from "../errors.ts";
import { defaultPolicyText } from "./default-policy.ts";
import { parsePolicy } from "./parse.ts";

const root = new URL("../../", import.meta.url);
const broken = new URL("testdata/policies/", root);
const ajv = new Ajv({ allErrors: true });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(new URL("docs/policy.schema.json", root), "utf8")) as object);

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

test("docs/policy.schema.json and parsePolicy() agree wherever one value of a valid policy is replaced", () => {
  const strings = [
    "",
    " ",
    "*",
    "a*",
    "a b",
    "a/b",
    "/a",
    "a/b/c",
    "a@b",
    "refs/",
    "refs/x",
    "https://a",
    "dir:",
    "Index",
    "==1",
    "1.0",
    "12",
  ];
  const others = [0, 1, -1, 101, 1.5, true, {}, [], ["a"], ["alice"], { signer: "alice", group: "both" }];
  const [, text] = fileAt("testdata/policies/valid/every-key.toml");
  for (const path of pathsIn(parse(text))) {
    for (const value of [...strings, ...others]) {
      const toml = parse(text);
      replaceAt(toml, path, value);
      const written = stringify(toml);
      const isTaken = outcomeOf(() => parsePolicy(written, "policy.toml"));
      assert.equal(
        validate(asJson(parse(written))),
        isTaken,
        `${path.join(".")} = ${JSON.stringify(value)}: the parser says ${isTaken}`,
      );
    }
  }
});

/** Every table, list and value, save those that a schema cannot judge: dates, and names that refer to others. */
function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (
    path.length > 0 &&
    [
      "expires",
      "from",
      "until",
      "of",
      "any",
      "signer",
      "group",
      "publish",
      "slsa",
      "signatures",
      "summary",
      "signers",
      "groups",
    ].includes(path.at(-1) ?? "")
  ) {
    return path.at(-1) === "signers" ? pathsBelow(value, path) : [];
  }
  // Without one of these, the rules and signers that name it are mistaken too.
  const isDefinition =
    path[0] === "trust" ? path.length === 1 : path.length === 2 && (path[0] === "signers" || path[0] === "groups");
  return [...(path.length > 0 && !isDefinition ? [path] : []), ...pathsBelow(value, path)];
}

function pathsBelow(value: unknown, path: readonly string[]): (readonly string[])[] {
  if (typeof value !== "object" || value === null || value instanceof Date) return [];
  return Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...path, key]));
}

function replaceAt(root: unknown, path: readonly string[], value: unknown): void {
  const [last = "", ...above] = path.toReversed();
  const parent = above.reduceRight<unknown>((table, key) => (table as Record<string, unknown>)[key], root);
  (parent as Record<string, unknown>)[last] = value;
}

function outcomeOf(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch (error) {
    assert.ok(error instanceof PolicyFileError, String(error));
    return false;
  }
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

/** As editors hand TOML to a JSON Schema: dates as strings, integers as numbers. */
function asJson(value: TomlValue): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value !== "object") return value;
  const table: object = Object.create(null);
  for (const [key, inner] of Object.entries(value)) {
    Object.defineProperty(table, key, { value: asJson(inner as TomlValue), enumerable: true });
  }
  return table;
}
