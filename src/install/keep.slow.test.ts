import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { faultyDisk } from "../testing/faulty-disk.ts";
import { makeItem, quietly } from "../testing/install-scene.ts";
import { snapshot, temporaryFolder } from "../testing/tree.ts";
import { type KeptArtifact, keepArtifacts } from "./keep.ts";

async function kept(folder: string, vouching: string): Promise<KeptArtifact[]> {
  const { artifact } = await makeItem({ name: "alpha" }, join(folder, "quarantine"));
  const documents = [{ filename: `${artifact.ref.filename.text}.provenance`, bytes: Buffer.from(vouching) }];
  return [{ artifact, documents }];
}

const filesOf = (folder: string) =>
  JSON.stringify(Object.entries(snapshot(folder)).map(([path, what]) => `${path} ${what}`));

for (const code of ["ENOSPC", "EIO", "EACCES", "kill"] as const) {
  test(`${code} at any operation of keeping artifacts: all of them, or the next command restores what was`, async () => {
    const states = new Set<string>();
    for (let failAt = 1; ; failAt++) {
      using folder = temporaryFolder();
      const into = join(folder.path, "wheels");
      await keepArtifacts(await kept(folder.path, "older"), into, quietly());
      const older = filesOf(into);
      const { artifact } = await makeItem({ name: "beta" }, join(folder.path, "quarantine"));
      const newer = [...(await kept(folder.path, "newer")), { artifact, documents: [] }];
      const disk = faultyDisk(failAt, code);
      const failure = await keepArtifacts(newer, into, quietly(disk)).catch((error: unknown) => error);
      // The next command, whatever it is, repairs first.
      await keepArtifacts([], into, quietly());
      const found = filesOf(into);
      if (disk.count() < failAt) {
        assert.equal(failure, undefined);
        assert.deepEqual(
          [...states].filter((state) => state !== older),
          states.has(found) ? [found] : [],
        );
        assert.ok(failAt > 10 && states.has(older), "operations were counted");
        break;
      }
      states.add(found);
    }
  });
}
