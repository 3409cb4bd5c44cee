import assert from "node:assert/strict";
import { test } from "node:test";
import { normalizeProjectName } from "../distribution/project-name.ts";
import { indexesFor } from "./index-map.ts";

const home = { url: new URL("https://packages.acme.example/simple/"), projects: ["acme-*", "tool"] };
const pub = new URL("https://pypi.org/simple/");

test("indexesFor() gives a mapped project to its index, and nothing else to that index", () => {
  const asked = (name: string) =>
    indexesFor(normalizeProjectName(name), [home], [home.url, pub]).map(({ host }) => host);
  assert.deepEqual(asked("Acme_Core"), ["packages.acme.example"]);
  assert.deepEqual(asked("tool"), ["packages.acme.example"]);
  assert.deepEqual(asked("acme"), ["pypi.org"]);
  assert.deepEqual(asked("requests"), ["pypi.org"]);
});
