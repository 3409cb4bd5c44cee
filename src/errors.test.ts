import assert from "node:assert/strict";
import { linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { messageOf } from "./errors.ts";
import { temporaryFolder } from "./testing/tree.ts";

test("what the system has against a file is said in words, with the file", () => {
  using folder = temporaryFolder();
  const [absent, file] = [join(folder.path, "absent"), join(folder.path, "file")];
  writeFileSync(file, "");
  const said: readonly (readonly [act: () => unknown, message: string])[] = [
    [() => readFileSync(absent), `"${absent}" is not there`],
    [() => readFileSync(folder.path), "it is a folder"],
    [() => writeFileSync(folder.path, ""), `"${folder.path}" is a folder`],
    [() => readdirSync(file), `"${file}" is no folder, or leads through a file`],
    [() => mkdirSync(file), `"${file}" is there already`],
  ];
  for (const [act, message] of said) assert.equal(thrownBy(act), message);
});

test("what is not about one file keeps its own words", async () => {
  using folder = temporaryFolder();
  const [absent, other] = [join(folder.path, "absent"), join(folder.path, "other")];
  assert.equal(
    thrownBy(() => linkSync(absent, other)),
    `ENOENT: no such file or directory, link '${absent}' -> '${other}'`,
  );
  const refused = await new Promise((resolve) => connect(join(folder.path, "socket")).once("error", resolve));
  assert.match(messageOf(refused), /^connect ENOENT /);
  assert.equal(messageOf(new Error("ENOENT: said by somebody")), "ENOENT: said by somebody");
  assert.equal(messageOf("text"), "text");
});

function thrownBy(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return messageOf(error);
  }
  return assert.fail("Nothing was thrown");
}
