import assert from "node:assert/strict";
import { test } from "node:test";
import { compareBuildTags, parseFilename, sameFilename } from "./filename.ts";

test("parseFilename() reads source distributions, whose names may hold hyphens", () => {
  const { kind, name, version } = parseFilename("Some-Old-Name-1.0.tar.gz");
  assert.deepEqual([kind, name, version.text], ["sdist", "some-old-name", "1.0"]);
  assert.equal(parseFilename("thing-2.zip").kind, "sdist");
});

test("parseFilename() says what is wrong", () => {
  for (const [text, why] of [
    ["thing.exe", /ends neither in/],
    ["thing-1.0.whl", /5 or 6 parts/],
    ["thing-1.0-x-py3-none-any.whl", /build tag "x"/],
    ["thing-one-py3-none-any.whl", /"one" is not a version/],
    ["thing-1.0-py3-none-a..b.whl", /tags are not well formed/],
    [
      `thing-1.0-${Array(40).fill("py3").join(".")}-${Array(40).fill("none").join(".")}-any.whl`,
      /longer|too many tags/,
    ],
    ["thing.tar.gz", /no hyphen/],
  ] as const) {
    assert.throws(() => parseFilename(text), { code: "invalid-filename", message: why }, text);
  }
});

test("sameFilename() compares what names mean, and the kind of file exactly", () => {
  const same = (a: string, b: string) => sameFilename(parseFilename(a), parseFilename(b));
  assert.ok(same("Foo.Bar-1.0-py2.py3-none-any.whl", "foo_bar-1.0.0-py3.py2-none-any.whl"));
  assert.ok(!same("foo-1.0-py3-none-any.whl", "foo-1.0-py2.py3-none-any.whl"));
  assert.ok(!same("foo-1.0-1-py3-none-any.whl", "foo-1.0-py3-none-any.whl"));
  assert.ok(!same("foo-1.0.tar.gz", "foo-1.0.zip"));
  assert.ok(!same("foo-1.0.tar.gz", "foo-1.0-py3-none-any.whl"));
  assert.ok(!same("foo-1.0+a.tar.gz", "foo-1.0.tar.gz"));
});

test("compareBuildTags() goes by number, then by text; none comes first", () => {
  const tags = ["10", "2b", "2a", "2"].map((build) => parseFilename(`x-1-${build}-py3-none-any.whl`));
  const builds = tags.flatMap((tag) => (tag.kind === "wheel" && tag.build ? [tag.build] : []));
  const sorted = [...builds, undefined].sort(compareBuildTags);
  assert.equal(compareBuildTags(undefined, builds[0]), -1);
  assert.deepEqual(
    sorted.filter((build) => build !== undefined).map(({ number, rest }) => `${number}${rest}`),
    ["2", "2a", "2b", "10"],
  );
});
