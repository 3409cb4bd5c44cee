import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFilename } from "../distribution/filename.ts";
import { type BundleManifest, formatManifest, parseManifest } from "./manifest.ts";

const index = new URL("https://index.example/simple/");
const sha256 = "ab".repeat(32);

const manifest: BundleManifest = {
  members: new Map([["artifacts/demo-1.0-py3-none-any.whl", { size: 2 ** 33, sha256 }]]),
  artifacts: [
    {
      requested: true,
      ref: {
        filename: parseFilename("demo-1.0-py3-none-any.whl"),
        url: new URL("https://files.example/demo-1.0-py3-none-any.whl"),
        source: { kind: "index", url: index },
        digests: { sha256 },
        size: 2 ** 33,
        requiresPython: ">=3.9",
        yanked: "",
        projectStatus: { status: "archived", reason: "done" },
        uploadTime: new Date("2026-01-01T00:00:00Z"),
        attestedBefore: "0.9",
        provenance: "none",
      },
    },
    {
      requested: false,
      ref: {
        filename: parseFilename("other-2.0-py3-none-any.whl"),
        source: { kind: "local" },
        digests: {},
        provenance: "unknown",
      },
    },
  ],
  policy: "policy/policy.toml",
  trustedRootWritten: new Date("2026-02-01T00:00:00Z"),
  keyring: {
    answers: new Map([
      ["https://keys.example/keys.jws", "keyring/answer-1"],
      ["https://keys.example/2.keys.jws", undefined],
    ]),
  },
  inspectors: ["deny-list"],
};

test("formatManifest() and parseManifest() keep all that an index said", () => {
  assert.deepEqual(parseManifest(formatManifest(manifest)), manifest);
});

for (const taken of ["evidence", "artifacts", "policy/teams"]) {
  test(`parseManifest() refuses a member "${taken}" where a folder of that name is`, () => {
    const digest = { size: 1, sha256 };
    const members = new Map([...manifest.members, ["policy/teams/all.toml", digest], [taken, digest]] as const);
    assert.throws(() => parseManifest(formatManifest({ ...manifest, members })), /is a folder as well/);
  });
}
