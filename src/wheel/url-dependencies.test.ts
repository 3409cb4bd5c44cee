import assert from "node:assert/strict";
import { test } from "node:test";
import { urlDependencies } from "./url-dependencies.ts";

const asked = (...lines: string[]) => urlDependencies(Buffer.from(lines.join("\n")));

test("urlDependencies() names what is asked for by URL, and nothing else", () => {
  const byUrl = "alpha @ https://files.example/alpha-1.0-py3-none-any.whl ; python_version > '3'";
  const metadata = ["Name: demo", `Requires-Dist: ${byUrl}`, "Requires-Dist: beta[all]>=1 ; extra == 'at@sign'"];
  assert.deepEqual(asked(...metadata), [byUrl]);
  assert.deepEqual(asked("Name: demo", "Author-email: a@example.org", "", `Requires-Dist: ${byUrl}`), []);
});

test("urlDependencies() takes for a field whatever another reader could", () => {
  const fields = ["requires-dist:alpha@https://e.example/a", "REQUIRES-DIST : alpha @\n https://e.example/a"];
  assert.deepEqual(asked(...fields), ["alpha@https://e.example/a", "alpha @ https://e.example/a"]);
  assert.deepEqual(urlDependencies(Buffer.from("Name: demo\rRequires-Dist: a @ b\r\n\r\nRequires-Dist: c @ d")), [
    "a @ b",
  ]);
});
