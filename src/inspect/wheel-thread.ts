import { serve } from "../threads/pool.ts";
import { openToRead } from "../threads/shared-bytes.ts";
import { untaken } from "../threads/untaken.ts";
import { inspectWheel, lookAtWheel } from "./inspect-wheel.ts";
import type { WheelTask } from "./inspectors/wheel.ts";
import type { WheelInspection } from "./wheel-inspection.ts";
import { keepWheel } from "./wheel-memory.ts";

/** What a thread of inspectors/wheel.ts runs. */
serve<WheelTask, WheelInspection | undefined>(async (task) => {
  if ("bytes" in task) {
    using bytes = openToRead(task.bytes);
    const { filename, places, taken } = task;
    if (taken === undefined) return await inspectWheel(bytes, filename, places);
    return await lookAtWheel(bytes, filename, places, (entries) => untaken(entries, taken));
  }
  keepWheel(task);
  return undefined;
});
