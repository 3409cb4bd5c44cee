import assert from "node:assert/strict";
import { test } from "node:test";
import { homeOf, readmeForRegistry } from "./readme.ts";

const readme =
  "![a picture](docs/a.svg) [page](docs/cli.md#x) [there](#here) [far](https://example.org/x) [`code`](policies/)\n";

test("readmeForRegistry() leads to the release's sources; what is absolute or in the page stays", () => {
  const repository = "git+https://git.example/acme/tspip.git";
  assert.equal(
    readmeForRegistry(readme, { repository, version: "1.2.0" }),
    [
      "![a picture](https://git.example/acme/tspip/raw/v1.2.0/docs/a.svg)",
      "[page](https://git.example/acme/tspip/blob/v1.2.0/docs/cli.md#x)",
      "[there](#here) [far](https://example.org/x)",
      "[`code`](https://git.example/acme/tspip/blob/v1.2.0/policies/)\n",
    ].join(" "),
  );
});

test("readmeForRegistry() changes nothing until there is an owner", () => {
  for (const repository of [undefined, "", "github:acme/tspip", "git+ssh://git@git.example/acme/tspip.git"]) {
    assert.equal(homeOf(repository), undefined);
    assert.equal(readmeForRegistry(readme, { repository, version: "1.2.0" }), readme);
  }
});
