import type { SharedBytes } from "../../distribution/byte-source.ts";
import type { WheelFilename } from "../../distribution/filename.ts";
import { createPool, type Pool, threadScript } from "../../threads/pool.ts";
import type { Evidence } from "../../verdict/evidence.ts";
import { inspectWheel } from "../inspect-wheel.ts";
import type { DistInspector } from "../inspector.ts";

/** One wheel for a thread to inspect; see wheel-thread.ts. */
export interface WheelTask {
  readonly bytes: SharedBytes;
  readonly filename: WheelFilename;
}

/** Wheels above this are inspected in threads; starting one takes as long as this many bytes. */
const worthThread = 1 << 20;

/** Checks archive, identity and RECORD of wheels; large ones on other threads. Disposing ends those. */
export function wheelInspector(threads: number): DistInspector & AsyncDisposable {
  let pool: Pool<WheelTask, readonly Evidence[]> | undefined;
  return {
    name: "wheel",
    async pre_extract({ ref: { filename }, bytes, shared, size }) {
      if (filename.kind !== "wheel") return [];
      if (threads < 2 || size < worthThread) return inspectWheel(bytes, filename);
      pool ??= createPool(threadScript("../wheel-thread", import.meta.url), threads);
      return pool.run({ bytes: shared, filename });
    },
    async [Symbol.asyncDispose]() {
      await pool?.[Symbol.asyncDispose]();
    },
  };
}
