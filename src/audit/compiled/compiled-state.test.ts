import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeCompiled } from "../../testing/make-compiled.ts";
import { temporaryFolder } from "../../testing/tree.ts";
import { compareCompiled } from "./compiled-state.ts";

const source = Buffer.from("import os\nprint(os.name)\n");
const stats = { mtimeMs: 1_700_000_000_500, size: source.length };
const time = { kind: "time", seconds: 1_700_000_000, size: source.length } as const;

test("compareCompiled() takes what Python made of the source", () => {
  assert.deepEqual(compareCompiled(makeCompiled(["os", "print", "name"], time), source, stats), { state: "used" });
});

test("compareCompiled() names what the source does not have", () => {
  const found = compareCompiled(makeCompiled(["os", "system"], time), source, stats);
  assert.deepEqual(found, { state: "foreign", reason: "it uses names that its source does not have: system" });
});

test("compareCompiled() has nothing to say of what Python would not run", () => {
  const unused = { state: "unused" };
  const evil = ["system"];
  assert.deepEqual(compareCompiled(makeCompiled(evil, { ...time, seconds: 1 }), source, stats), unused);
  assert.deepEqual(compareCompiled(makeCompiled(evil, { ...time, size: 1 }), source, stats), unused);
  assert.deepEqual(compareCompiled(makeCompiled(evil, { kind: "checked-hash", hash: 1n }), source, stats), unused);
  assert.deepEqual(compareCompiled(Buffer.from("short"), source, stats), unused);
});

test("compareCompiled() refuses a file that says nobody shall look, and is of another source", () => {
  const { state } = compareCompiled(makeCompiled([], { kind: "unchecked-hash", hash: 1n }), source, stats);
  assert.equal(state, "foreign");
});

test("compareCompiled() refuses what is cut off or goes on behind the module", () => {
  const whole = makeCompiled(["os"], time);
  for (const bent of [whole.subarray(0, -1), Buffer.concat([whole, Buffer.from("N")])])
    assert.equal(compareCompiled(bent, source, stats).state, "foreign");
});

test("compareCompiled() takes the names of a tuple once, however many functions refer to it", () => {
  const names = Array.from({ length: 1 << 16 }, (_, at) => `name_${at}`);
  const found = compareCompiled(makeCompiled(names, time, 1 << 16), source, stats);
  const reason = "it uses names that its source does not have: name_0, name_1, name_2, name_3, name_4";
  assert.deepEqual(found, { state: "foreign", reason });
});

test("compareCompiled() is soon done with a name of a million underscores, and quotes its beginning", () => {
  const found = compareCompiled(makeCompiled([`${"_".repeat(1 << 20)}x`], time), source, stats);
  const reason = `it uses names that its source does not have: ${"_".repeat(200)}…`;
  assert.deepEqual(found, { state: "foreign", reason });
});

const python = spawnSync("python3", ["--version"]).status === 0;

test("compareCompiled() agrees with the Python at hand", { skip: python ? false : "no python3 on PATH" }, () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "mod.py");
  const text =
    'import os.path as p\nfrom . import x\nclass A(metaclass=type):\n    __slots__ = ("a",)\n    def __init__(self):\n        super().__init__()\n        self.__a = [n for n in range(3)]\nassert p.ｊｏｉｎ\nasync def f(*, k=1): return {"x": k, **{}}\n';
  writeFileSync(path, text);
  for (const mode of ["TIMESTAMP", "CHECKED_HASH", "UNCHECKED_HASH"]) {
    const compile = `import py_compile as c; c.compile("${path}", "${path}c", invalidation_mode=c.PycInvalidationMode.${mode})`;
    execFileSync("python3", ["-I", "-c", compile]);
    const found = compareCompiled(readFileSync(`${path}c`), readFileSync(path), statSync(path));
    assert.deepEqual(found, { state: "used" }, mode);
  }
});
