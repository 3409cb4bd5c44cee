import assert from "node:assert/strict";
import { test } from "node:test";
import { releaseProblems } from "./release-check.ts";

const good = {
  tag: "v1.2.0",
  repository: "https://git.example/acme/tspip",
  manifest: { version: "1.2.0", repository: { url: "git+https://git.example/acme/tspip.git" } },
  changelog: "# Changelog\n\n## 1.2.0 (2026-12-01)\n\n- New.\n",
};

test("a release whose tag, version, changelog and repository agree has no problems", () => {
  assert.deepEqual(releaseProblems(good), []);
});

for (const [what, bent, problem] of [
  ["tag", { tag: "v1.2.1" }, /^The tag is "v1\.2\.1", package\.json has version "1\.2\.0"$/],
  ["changelog", { changelog: "# Changelog\n\n## 1.2.0rc1\n" }, /no heading "## 1\.2\.0"/],
  ["repository of somebody else", { repository: "https://git.example/fork/tspip" }, /acme.*this is "git\+https:.*fork/],
  ["manifest without a repository", { manifest: { version: "1.2.0" } }, /has the repository ""/],
] as const) {
  test(`a release with another ${what} is stopped, with the reason`, () => {
    const [first, ...others] = releaseProblems({ ...good, ...bent });
    assert.match(first ?? "", problem);
    assert.deepEqual(others, []);
  });
}
