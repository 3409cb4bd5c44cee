import assert from "node:assert/strict";
import { test } from "node:test";
import { compatibleTags, expandTags, type InterpreterTagFacts } from "./tags.ts";

const linux: InterpreterTagFacts = {
  implementation: "cpython",
  version: [3, 11],
  debug: false,
  freeThreaded: false,
  platform: "linux-x86_64",
  glibc: [2, 36],
};

/** The first tag with each platform, and how many platforms there are: enough to see order and range. */
function platformsOf(facts: InterpreterTagFacts): string[] {
  const [first = ""] = compatibleTags(facts);
  const prefix = first.slice(0, first.lastIndexOf("-") + 1);
  return compatibleTags(facts).flatMap((tag) => (tag.startsWith(prefix) ? [tag.slice(prefix.length)] : []));
}

test("expandTags() gives every combination once, in lower case", () => {
  assert.deepEqual(expandTags("py2.py3", "none", "Any"), ["py2-none-any", "py3-none-any"]);
  assert.equal(expandTags("cp311", "abi3.cp311", "manylinux1_x86_64.manylinux2010_x86_64").length, 4);
});

test("CPython on glibc: as many tags as packaging gives, from the most specific to the most general", () => {
  const tags = compatibleTags(linux);
  // packaging 26.0 on Python 3.11 and glibc 2.36.
  assert.equal(tags.length, 914);
  assert.equal(tags[0], "cp311-cp311-manylinux_2_36_x86_64");
  assert.equal(tags.at(-1), "py30-none-any");
  const order = [
    "cp311-cp311-linux_x86_64",
    "cp311-abi3-linux_x86_64",
    "cp311-none-linux_x86_64",
    "cp310-abi3-linux_x86_64",
    "py311-none-linux_x86_64",
    "py3-none-linux_x86_64",
    "cp311-none-any",
    "py311-none-any",
    "py3-none-any",
    "py310-none-any",
  ];
  const places = order.map((tag) => tags.indexOf(tag));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
    "in this order",
  );
  assert.equal(places.includes(-1), false, "and all of them");
});

test("manylinux: the names from before PEP 600 stand behind the version that they mean", () => {
  const platforms = platformsOf({ ...linux, glibc: [2, 17] });
  assert.deepEqual(platforms.slice(0, 2), ["manylinux_2_17_x86_64", "manylinux2014_x86_64"]);
  assert.deepEqual(platforms.slice(-3), ["manylinux_2_5_x86_64", "manylinux1_x86_64", "linux_x86_64"]);
  assert.deepEqual(platformsOf({ ...linux, platform: "linux-aarch64", glibc: [2, 18] }), [
    "manylinux_2_18_aarch64",
    "manylinux_2_17_aarch64",
    "manylinux2014_aarch64",
    "linux_aarch64",
  ]);
});

test("musllinux: every minor down to 0, and no manylinux", () => {
  const { glibc: _, ...withoutGlibc } = linux;
  assert.deepEqual(platformsOf({ ...withoutGlibc, musl: [1, 2] }), [
    "musllinux_1_2_x86_64",
    "musllinux_1_1_x86_64",
    "musllinux_1_0_x86_64",
    "linux_x86_64",
  ]);
});

test("macOS: 10.x by minor, later ones by major, what was built for 10.x on Intel", () => {
  const { glibc: _, ...mac } = linux;
  const intel = platformsOf({ ...mac, platform: "macosx-10.9-x86_64", macos: [12, 3] });
  assert.deepEqual(intel.slice(0, 2), ["macosx_12_0_x86_64", "macosx_12_0_intel"]);
  assert.ok(intel.includes("macosx_11_0_universal2") && intel.includes("macosx_10_9_x86_64"));
  const apple = platformsOf({ ...mac, platform: "macosx-11.0-arm64", macos: [14, 0] });
  assert.deepEqual(apple.slice(0, 2), ["macosx_14_0_arm64", "macosx_14_0_universal2"]);
  assert.ok(apple.includes("macosx_10_16_universal2") && !apple.includes("macosx_10_16_arm64"));
});

test("Windows, PyPy, debug and free-threaded builds", () => {
  const { glibc: _, ...bare } = linux;
  assert.equal(compatibleTags({ ...bare, platform: "win-amd64" })[0], "cp311-cp311-win_amd64");
  const pypy = compatibleTags({
    ...linux,
    implementation: "pypy",
    version: [3, 10],
    soabi: "pypy310-pp73-x86_64-linux-gnu",
  });
  assert.equal(pypy[0], "pp310-pypy310_pp73-manylinux_2_36_x86_64");
  assert.ok(pypy.includes("pp3-none-any"));
  assert.equal(compatibleTags({ ...linux, debug: true })[0], "cp311-cp311d-manylinux_2_36_x86_64");
});

test("free-threaded Python 3.14: an ABI and a stable ABI of its own, as many tags as packaging gives", () => {
  const usual = compatibleTags({ ...linux, version: [3, 14] });
  assert.equal(usual[0], "cp314-cp314-manylinux_2_36_x86_64");
  const free = compatibleTags({ ...linux, version: [3, 14], freeThreaded: true });
  assert.equal(free[0], "cp314-cp314t-manylinux_2_36_x86_64");
  // packaging 26: the same as for the usual build, each in the other's place.
  const expected = usual.map((tag) => tag.replace(/-(cp314|abi3)-/, "-$1t-"));
  assert.deepEqual(free, expected);
  const debug = compatibleTags({ ...linux, version: [3, 14], freeThreaded: true, debug: true });
  assert.equal(debug[0], "cp314-cp314td-manylinux_2_36_x86_64");
});
