import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseVersion } from "../../distribution/version.ts";
import type { JsonStore } from "../../memory/json-store.ts";
import { planLock } from "../../plan/plan-lock.ts";
import type { PlannedArtifact } from "../../plan/planned-artifact.ts";
import type { PlanTarget } from "../../plan/select.ts";
import { requireAlice, setScene } from "../../testing/command-scene.ts";
import { makeWheel } from "../../testing/make-wheel.ts";
import { temporaryFolder } from "../../testing/tree.ts";
import { type LockOptions, readLock } from "../gate/requested-lock.ts";

/** A lock that was chosen from before is not parsed again: what it came to is remembered, for as long as nothing changes. */

const url = "https://files.example/packages";
const sha256 = "ab".repeat(32);
const lock = `version = 1
[[package]]
name = "own"
source = { virtual = "." }
dependencies = [{ name = "other" }]
[package.dev-dependencies]
dev = [{ name = "tool" }]
docs = [{ name = "writer" }]
${["other", "tool", "writer"].map(locked).join("")}`;

function locked(name: string): string {
  const files = [`${name}-1.0-py3-none-any.whl`, `${name}-1.0-cp311-cp311-linux_x86_64.whl`];
  const wheels = files.map((file) => `  { url = "${url}/${file}", hash = "sha256:${sha256}", size = 9 },\n`);
  const source = 'source = { registry = "https://index.example/simple" }';
  return `[[package]]\nname = "${name}"\nversion = "1.0"\n${source}\nwheels = [\n${wheels.join("")}]\n`;
}

function targetWith(...tags: string[]): PlanTarget {
  const markers = { python_full_version: "3.11.7", python_version: "3.11", sys_platform: "linux", extra: "" };
  return { tags, pythonVersion: parseVersion("3.11.7"), markers: markers as unknown as PlanTarget["markers"] };
}

const pure = targetWith("py3-none-any");
const compiled = targetWith("cp311-cp311-linux_x86_64", "py3-none-any");

/** A project's folder, and a memory. */
function setLock(text: string) {
  const folder = temporaryFolder();
  const kept = new Map<string, string>();
  const memory: JsonStore = {
    get: (key) => JSON.parse(kept.get(JSON.stringify(key)) ?? "null") ?? undefined,
    set: async (key, value) => void kept.set(JSON.stringify(key), JSON.stringify(value)),
  };
  const write = (name: string, content: string) => writeFileSync(join(folder.path, name), content);
  const nobody = async () => assert.fail("the index was asked");
  write("uv.lock", text);
  return {
    kept,
    write,
    /** Plans as a command of its own would. */
    async plan(target: PlanTarget, options: LockOptions = {}, store: JsonStore | undefined = memory) {
      const request = await readLock(
        "uv.lock",
        options,
        { cwd: folder.path, signal: new AbortController().signal },
        store,
      );
      return planLock(request, target, { files: nobody, release: nobody });
    },
    /** Makes what is kept differ from what the lock says. */
    change(from: string, to: string) {
      for (const [key, value] of kept) kept.set(key, value.replaceAll(from, to));
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

function sizes(planned: readonly PlannedArtifact[]) {
  return planned.map(({ ref }) => [ref.filename.name, ref.size]);
}

test("what was chosen from a lock comes out the same when it is remembered", async () => {
  using scene = setLock(lock);
  for (const target of [pure, compiled]) {
    const first = await scene.plan(target);
    assert.deepEqual(await scene.plan(target), first);
    assert.equal(scene.kept.size, 1);
  }
  const [other] = await scene.plan(compiled);
  assert.equal(other?.place, "uv.lock:9");
  assert.equal(other?.ref.filename.text, "other-1.0-cp311-cp311-linux_x86_64.whl");
});

/** A lock whose choice for `pure` is remembered, with another size than the lock has. */
async function chosenBefore() {
  const scene = setLock(lock);
  await scene.plan(pure);
  scene.change('"size":9', '"size":7');
  return scene;
}

test("a lock that was chosen from is not read again while nothing changes", async () => {
  using scene = await chosenBefore();
  const remembered = [
    ["other", 7],
    ["tool", 7],
  ];
  assert.deepEqual(sizes(await scene.plan(pure)), remembered);
  assert.deepEqual(sizes(await scene.plan(pure, { group: ["docs"] })), [
    ["other", 9],
    ["writer", 9],
  ]);
  assert.deepEqual(sizes(await scene.plan(pure)), remembered);
});

const changes: [what: string, file: string, text: string, target: PlanTarget, second: string][] = [
  ["the lock changes", "uv.lock", `${lock}\n`, pure, "tool"],
  ["the project has other groups", "pyproject.toml", '[tool.uv]\ndefault-groups = ["docs"]\n', pure, "writer"],
  ["it is for another interpreter", "pyproject.toml", "", compiled, "tool"],
];
for (const [what, file, text, target, second] of changes) {
  test(`a lock is read again when ${what}, and what was chosen last is kept`, async () => {
    using scene = await chosenBefore();
    scene.write(file, text);
    assert.deepEqual(sizes(await scene.plan(target)), [
      ["other", 9],
      [second, 9],
    ]);
    assert.equal(scene.kept.size, 1);
  });
}

test("what is remembered and broken is chosen anew", async () => {
  for (const [from, to] of [
    ["other-1.0-", "other"],
    ["https:", "no URL"],
    ['"packages":[', '"packages":3,"x":['],
  ] as const) {
    using scene = setLock(lock);
    await scene.plan(pure);
    scene.change('"size":9', '"size":7');
    scene.change(from, to);
    assert.deepEqual(
      sizes(await scene.plan(pure)),
      [
        ["other", 9],
        ["tool", 9],
      ],
      from,
    );
  }
});

test("mistakes in a lock are told each time, and nothing is remembered of it", async () => {
  const flaws: [from: string, to: string, code: string][] = [
    [`sha256:${sha256}`, "sha256:0", "invalid-lock-file"],
    ["version = 1\n", 'version = 1\nrequires-python = ">=3.12"\n', "lock-not-for-python"],
    [`"${url}/tool-1.0-py3-none-any.whl"`, `"https://[/tool-1.0-py3-none-any.whl"`, "invalid-lock-file"],
    [
      'name = "tool"\nversion = "1.0"\nsource = { registry',
      'name = "tool"\nversion = "1.0"\nsource = { git',
      "unsupported-lock-entry",
    ],
  ];
  for (const [from, to, code] of flaws) {
    using scene = setLock(lock.replace(from, to));
    for (const run of ["first", "second"]) await assert.rejects(scene.plan(pure), { code }, `${code}, ${run} run`);
    assert.equal(scene.kept.size, 0, code);
  }
});

test("nothing is remembered of a lock with passwords in its URLs", async () => {
  using scene = setLock(lock.replaceAll("https://files.", "https://user:secret@files."));
  await scene.plan(pure);
  assert.equal(scene.kept.size, 0);
});

test("the first and the second gate say the same, in every form, with the lines of the lock", async () => {
  await using scene = await setScene();
  const wheel = makeWheel();
  scene.index.add({ ...wheel, provenance: null });
  const file = `{ url = "${scene.index.origin}/files/${wheel.filename}", hash = "sha256:${wheel.sha256}" }`;
  const source = `source = { registry = "${scene.index.url}" }`;
  const own = '[[package]]\nname = "own"\nsource = { virtual = "." }\ndependencies = [{ name = "example" }]\n';
  scene.write(
    "uv.lock",
    `version = 1\n${own}[[package]]\nname = "example"\nversion = "1.0"\n${source}\nwheels = [${file}]\n`,
  );
  scene.write("policy.toml", requireAlice);
  const gate = async () => {
    const formats = ["text=text", "json=json", "sarif=sarif"].flatMap((format) => ["--format", format]);
    const { exitCode, stdout } = await scene.tspip(
      "verify",
      "--lock",
      "uv.lock",
      "--policy",
      "policy.toml",
      ...formats,
    );
    return { exitCode, stdout, files: ["text", "json", "sarif"].map(scene.read) };
  };
  const first = await gate();
  assert.equal(first.exitCode, 1);
  assert.match(first.stdout, /attestation-absent/);
  assert.match(first.files[1] ?? "", /"line": 6/);
  assert.deepEqual(await gate(), first);
});
