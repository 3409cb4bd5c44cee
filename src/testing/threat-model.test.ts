import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { findingCatalog } from "../verdict/finding-catalog.ts";
import { readCases } from "./case.ts";

const text = readFileSync(new URL("../../docs/threat-model.md", import.meta.url), "utf8");
const cases = new Map(readCases(new URL("../../testdata/wheel/", import.meta.url)).map((each) => [each.name, each]));

/** Each statement: its number, its text, and the findings and cases it names. */
const statements = [...text.matchAll(/^\*\*(\d+)\. Refuses\*\*(.*?)^Findings: (.*?)^Cases: (.*?)\n\n/gms)].map(
  ([, number, claim = "", findings = "", names = ""]) => ({
    number: Number(number),
    claim,
    findings: [...findings.matchAll(/\[`([^`]+)`\]/g)].map(([, id = ""]) => id),
    names: quotedIn(names),
  }),
);

function quotedIn(list: string): string[] {
  return [...list.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
}

test("the threat model has 46 statements, each with its reason, in order", () => {
  assert.deepEqual(
    statements.map(({ number }) => number),
    Array.from({ length: 46 }, (_, at) => at + 1),
  );
  for (const { number, claim } of statements) assert.match(claim, /\*\*because\*\*/, `statement ${number}`);
});

for (const { number, findings, names } of statements) {
  test(`statement ${number} of the threat model names its cases and exactly their findings`, () => {
    const expected = names.map((name) => cases.get(name)?.expect ?? `no hostile case "${name}"`);
    assert.deepEqual(findings, [...new Set(expected)].sort());
  });
}

test("every hostile case of testdata/wheel belongs to one statement", () => {
  const hostile = [...cases.values()].filter(({ expect }) => expect !== undefined).map(({ name }) => name);
  assert.deepEqual(statements.flatMap(({ names }) => names).sort(), hostile);
});

test("the threat model names every finding about wheels, and each odd case that is said to be noted", () => {
  for (const id of Object.keys(findingCatalog).filter((each) => /^(?:archive|record|wheel)-/.test(each)))
    assert.ok(text.includes(`findings.md#${id}`), id);
  const [, said = ""] = text.split("## Reported, but not refused");
  const names = [...said.matchAll(/[Cc]ases?:? ([^.)]*)/g)].flatMap(([, list = ""]) => quotedIn(list));
  assert.ok(names.length > 10);
  for (const name of names) assert.ok(cases.has(name), name);
});
