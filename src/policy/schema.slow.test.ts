import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse, stringify } from "smol-toml";
import { PolicyFileError } from "../errors.ts";
import { asJson, policySchema } from "../testing/policy-schema.ts";
import { parsePolicy } from "./parse.ts";

const validate = policySchema();

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
  const text = readFileSync(new URL("../../testdata/policies/valid/every-key.toml", import.meta.url), "utf8");
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
