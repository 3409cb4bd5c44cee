import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { readCases, readInput, readText } from "./case.ts";
import { temporaryFolder } from "./tree.ts";

test("readCases() reads each folder but the default, by name", () => {
  using cases = collect({
    "_default/input": "usual\n",
    "b-good/README": "Admitted.\n",
    "a_fail/README": "Refused.\n",
    "a_fail/expect": "attestation-invalid\n",
  });
  const [first, second, ...others] = readCases(cases.folder);
  assert.deepEqual([first?.name, first?.readme, first?.expect], ["a_fail", "Refused.", "attestation-invalid"]);
  assert.deepEqual([second?.name, second?.readme, second?.expect], ["b-good", "Admitted.", undefined]);
  assert.deepEqual(others, []);
});

test("readInput() takes the case's own file, else the default", () => {
  using cases = collect({
    "_default/input": "usual\n",
    "_default/other": "usual\n",
    "case/README": "Admitted.",
    "case/input": "own\n",
  });
  const [only] = readCases(cases.folder);
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
    using cases = collect(files);
    assert.throws(() => readCases(cases.folder), message);
  });
}

/** A collection of cases with these files. */
function collect(files: Readonly<Record<string, string>>): Disposable & { readonly folder: URL } {
  const made = temporaryFolder();
  const folder = pathToFileURL(`${made.path}/`);
  for (const [file, text] of Object.entries(files)) {
    const url = new URL(file, folder);
    mkdirSync(new URL("./", url), { recursive: true });
    writeFileSync(url, text);
  }
  return { folder, [Symbol.dispose]: () => made[Symbol.dispose]() };
}
