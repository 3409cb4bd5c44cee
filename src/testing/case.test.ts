import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { pathToFileURL } from "node:url";
import { readCases, readInput, readText } from "./case.ts";

let collection: URL;
beforeEach(() => {
  collection = pathToFileURL(`${mkdtempSync(join(tmpdir(), "tspip-cases-"))}/`);
});
afterEach(() => rmSync(collection, { recursive: true }));

test("readCases() reads each folder but the default, by name", () => {
  write("_default/input", "usual\n");
  write("b-good/README", "Admitted.\n");
  write("a_fail/README", "Refused.\n");
  write("a_fail/expect", "attestation-invalid\n");
  const [first, second, ...others] = readCases(collection);
  assert.deepEqual([first?.name, first?.readme, first?.expect], ["a_fail", "Refused.", "attestation-invalid"]);
  assert.deepEqual([second?.name, second?.readme, second?.expect], ["b-good", "Admitted.", undefined]);
  assert.deepEqual(others, []);
});

test("readInput() takes the case's own file, else the default", () => {
  write("_default/input", "usual\n");
  write("_default/other", "usual\n");
  write("case/README", "Admitted.");
  write("case/input", "own\n");
  const [only] = readCases(collection);
  assert.ok(only);
  assert.equal(readInput(only, "input").toString(), "own\n");
  assert.equal(readText(only, "other"), "usual");
  assert.throws(() => readInput(only, "nowhere"), { code: "ENOENT" });
});

for (const [what, files, message] of [
  ["without README", { "case/input": "" }, /no README/],
  ["that fails without expect", { "case_fail/README": "" }, /has to have an "expect"/],
  ["that is good with expect", { "case/README": "", "case/expect": "yanked" }, /has to have an "expect"/],
  ["with an expect outside the catalog", { "case_fail/README": "", "case_fail/expect": "toString" }, /no finding/],
] as const) {
  test(`readCases() refuses a case ${what}`, () => {
    for (const [file, text] of Object.entries(files)) write(file, text);
    assert.throws(() => readCases(collection), message);
  });
}

function write(file: string, text: string): void {
  const url = new URL(file, collection);
  mkdirSync(new URL("./", url), { recursive: true });
  writeFileSync(url, text);
}
