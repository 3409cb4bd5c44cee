import assert from "node:assert/strict";
import { test } from "node:test";
import type { Artifact } from "../distribution/artifact.ts";
import { localRef } from "../package-index/client.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { inspectBeforeExtract } from "./inspect.ts";
import type { DistInspector } from "./inspector.ts";

test("inspectBeforeExtract() does not rely on what inspectors saw of a file that was written to meanwhile", async () => {
  const { filename, bytes, sha256 } = makeWheel();
  let isWrittenTo = false;
  const shared = { kind: "memory", bytes } as const;
  const artifact: Artifact = {
    ref: localRef(`/${filename}`),
    path: `/${filename}`,
    size: bytes.length,
    digests: { sha256 },
    bytes: openShared(shared),
    shared,
    isUnchanged: () => !isWrittenTo,
    close: async () => {},
  };
  const asked = (inspector: Partial<DistInspector>) =>
    inspectBeforeExtract(artifact, [{ name: "writer", ...inspector }]);
  assert.deepEqual(await asked({}), []);
  const writing = async () => {
    isWrittenTo = true;
    return [];
  };
  assert.deepEqual(await asked({ pre_extract: writing }), [
    {
      kind: "inspector",
      inspector: "local-file",
      outcome: "unavailable",
      reason: `"/${filename}" was written to while it was read`,
    },
  ]);
});
