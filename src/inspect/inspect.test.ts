import assert from "node:assert/strict";
import { test } from "node:test";
import type { Artifact } from "../distribution/artifact.ts";
import { localRef } from "../package-index/client.ts";
import { makeWheel } from "../testing/make-wheel.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { inspectBeforeExtract } from "./inspect.ts";
import type { DistInspector } from "./inspector.ts";

test("inspectBeforeExtract() does not rely on what inspectors saw of a file that was changed meanwhile", async () => {
  const { filename, bytes, sha256 } = makeWheel();
  let isChanged = false;
  const shared = { kind: "memory", bytes } as const;
  const artifact: Artifact = {
    ref: localRef(`/${filename}`),
    path: `/${filename}`,
    size: bytes.length,
    digests: { sha256 },
    bytes: openShared(shared),
    shared,
    isUnchanged: () => !isChanged,
    close: async () => {},
  };
  const seen = { kind: "archive", outcome: "verified", notices: [] } as const;
  const asked = (pre_extract: NonNullable<DistInspector["pre_extract"]>) =>
    inspectBeforeExtract(artifact, [{ name: "wheel", pre_extract }]);
  assert.deepEqual(await asked(async () => [seen]), [seen]);
  const changing = async () => {
    isChanged = true;
    return [seen];
  };
  const problems = [{ id: "artifact-changed", message: `"/${filename}" was changed while it was read` }];
  assert.deepEqual(await asked(changing), [
    { kind: "inspector", inspector: "local-file", outcome: "invalid", problems },
  ]);
});
