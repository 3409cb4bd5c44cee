import assert from "node:assert/strict";
import { test } from "node:test";
import type { Installed } from "../environment/installed.ts";
import { linuxMarkers, makeInstalled } from "../testing/make-installed.ts";
import { dependencyGraph, roots } from "./dependencies.ts";

/** `{ name: [what it depends on] }` */
function edges(installed: readonly Installed[]): Record<string, string[]> {
  const graph = dependencyGraph(installed, linuxMarkers);
  return Object.fromEntries([...graph].map(([{ name }, { on }]) => [name, [...on].map((other) => other.name).sort()]));
}

test("dependencyGraph() takes requirements whose markers hold", () => {
  const installed = [
    makeInstalled("app", "1", { "Requires-Dist": ["a; sys_platform == 'linux'", "b; sys_platform == 'win32'"] }),
    makeInstalled("a", "1"),
    makeInstalled("b", "1"),
  ];
  assert.deepEqual(edges(installed), { app: ["a"], a: [], b: [] });
});

test("dependencyGraph() follows extras that others ask for, through extras that name the project itself", () => {
  const installed = [
    makeInstalled("app", "1", { "Requires-Dist": "lib[All]" }),
    makeInstalled("lib", "1", {
      "Requires-Dist": ["lib[x_y]; extra == 'all'", "deep; extra == 'x-y'", "other; extra == 'unasked'"],
    }),
    makeInstalled("deep", "1"),
    makeInstalled("other", "1"),
  ];
  assert.deepEqual(edges(installed), { app: ["lib"], lib: ["deep"], deep: [], other: [] });
  const [, lib] = dependencyGraph(installed, linuxMarkers).values();
  assert.deepEqual(lib?.extras, ["all", "x-y"]);
});

test("dependencyGraph() keeps the edge to a version that does not fit, and says that the requirement is unmet", () => {
  const installed = [makeInstalled("app", "1", { "Requires-Dist": ["a>=2", "gone"] }), makeInstalled("a", "1")];
  const [app] = dependencyGraph(installed, linuxMarkers).values();
  assert.deepEqual(
    [...(app?.on ?? [])].map(({ name }) => name),
    ["a"],
  );
  assert.deepEqual([...(app?.unmet ?? [])], ["a>=2", "gone"]);
});

test("dependencyGraph() takes a text that is no version for unmet, unless any version will do", () => {
  const installed = [makeInstalled("app", "1", { "Requires-Dist": ["a", "a>=0"] }), makeInstalled("a", "latest!")];
  const [app] = dependencyGraph(installed, linuxMarkers).values();
  assert.deepEqual([...(app?.unmet ?? [])], ["a>=0"]);
});

test("roots() are what was asked for, what nobody needs, and one of each circle", () => {
  const installed = [
    makeInstalled("asked", "1", {}, { requested: true }),
    makeInstalled("circle-a", "1", { "Requires-Dist": "circle-b" }),
    makeInstalled("circle-b", "1", { "Requires-Dist": "circle-a" }),
    makeInstalled("top", "1", { "Requires-Dist": ["asked", "below"] }),
    makeInstalled("below", "1"),
  ];
  const top = roots(dependencyGraph(installed, linuxMarkers));
  assert.deepEqual(
    [...top].map(({ name }) => name),
    ["asked", "top", "circle-a"],
  );
});
