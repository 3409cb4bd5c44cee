import assert from "node:assert/strict";
import { test } from "node:test";
import { rootOf } from "./recorded-files.ts";

test("rootOf() is the top of an installation, or the folder itself where it is none's", () => {
  for (const [site, root] of [
    ["/home/me/env/lib/python3.11/site-packages", "/home/me/env"],
    ["/home/me/env/lib64/pypy3.10/site-packages", "/home/me/env"],
    ["/usr/lib/python3/dist-packages", "/usr"],
    ["/c/env/Lib/site-packages", "/c/env"],
    ["/tmp/target", "/tmp/target"],
    ["/target", "/target"],
  ] as const)
    assert.equal(rootOf(site), root);
});
