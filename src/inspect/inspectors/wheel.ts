import { join } from "node:path";
import type { Artifact, ArtifactRef } from "../../distribution/artifact.ts";
import type { SharedBytes } from "../../distribution/byte-source.ts";
import type { WheelFilename } from "../../distribution/filename.ts";
import { EnvironmentError } from "../../errors.ts";
import { createPool, type Pool, threadScript } from "../../threads/pool.ts";
import type { UnpackedWheel } from "../../unpack/unpack-wheel.ts";
import { inspectWheel, type WheelInspection } from "../inspect-wheel.ts";
import type { DistInspector } from "../inspector.ts";

/** One wheel for a thread to inspect; see wheel-thread.ts. */
export interface WheelTask {
  readonly bytes: SharedBytes;
  readonly filename: WheelFilename;
  readonly folder: string | undefined;
}

/** Checks archive, identity and RECORD of wheels; large ones on other threads. Disposing ends those. */
export interface WheelInspector extends DistInspector, AsyncDisposable {
  /**
   * A wheel as it was unpacked while it was inspected.
   * @throws EnvironmentError `cannot-write` when it could not be
   */
  unpacked(artifact: Artifact): UnpackedWheel;
}

/** Wheels above this are inspected in threads; starting one takes as long as this many bytes. */
const worthThread = 1 << 20;

/** @param quarantine a private folder to unpack into on the way, so that installing needs no second pass */
export function wheelInspector(threads: number, quarantine?: string): WheelInspector {
  let pool: Pool<WheelTask, WheelInspection> | undefined;
  let count = 0;
  const results = new Map<ArtifactRef, UnpackedWheel | Error | undefined>();

  const run = (filename: WheelFilename, { bytes, shared, size }: Artifact, folder: string | undefined) => {
    if (threads < 2 || size < worthThread) return inspectWheel(bytes, filename, folder);
    pool ??= createPool(threadScript("../wheel-thread", import.meta.url), threads);
    return pool.run({ bytes: shared, filename, folder });
  };
  return {
    name: "wheel",
    async pre_extract(artifact) {
      const { filename } = artifact.ref;
      if (filename.kind !== "wheel") return [];
      const path = quarantine === undefined ? undefined : join(quarantine, String(count++));
      const { evidence, unpacked } = await run(filename, artifact, path);
      results.set(artifact.ref, unpacked);
      return evidence;
    },
    unpacked({ ref }) {
      const unpacked = results.get(ref);
      if (unpacked !== undefined && !(unpacked instanceof Error)) return unpacked;
      const message = `Cannot unpack "${ref.filename.text}": ${unpacked?.message ?? "there is no quarantine"}`;
      throw new EnvironmentError("cannot-write", message, { cause: unpacked });
    },
    async [Symbol.asyncDispose]() {
      await pool?.[Symbol.asyncDispose]();
    },
  };
}
