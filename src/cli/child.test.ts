import assert from "node:assert/strict";
import { test } from "node:test";
import { temporaryFolder } from "../testing/tree.ts";
import { typeCommand } from "../testing/type-command.ts";

/** What a user sees who has not installed the program that `tspip run` is to start. */
const cases = [
  { program: "uv", hint: "Install uv, or take a verified one: tspip bootstrap --tool uv --venv DIR" },
  { program: "pip", hint: "Type tspip pip in place of tspip run -- pip: it brings a verified pip" },
  { program: "no-such-program", hint: "Install it, or put its folder on PATH" },
];

for (const { program, hint } of cases) {
  test(`tspip run -- ${program}, which is not there: exit code 2, and where to get it`, async () => {
    using place = temporaryFolder();
    const answer = await typeCommand(place.path, ["run", "--", program, "--version"], { env: { PATH: place.path } });
    assert.equal(answer.exitCode, 2);
    assert.ok(answer.stderr.includes(`error: There is no program "${program}"\nhint: ${hint}\n`), answer.stderr);
  });
}
