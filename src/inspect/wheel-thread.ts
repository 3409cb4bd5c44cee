import { serve } from "../threads/pool.ts";
import { openToRead } from "../threads/shared-bytes.ts";
import { inspectWheel } from "./inspect-wheel.ts";
import type { WheelTask } from "./inspectors/wheel.ts";
import type { WheelInspection } from "./wheel-inspection.ts";
import { keepWheel } from "./wheel-memory.ts";

/** What a thread of inspectors/wheel.ts runs. */
serve<WheelTask, WheelInspection | undefined>(async (task) => {
  if ("bytes" in task) {
    using bytes = openToRead(task.bytes);
    return await inspectWheel(bytes, task.filename, task.places);
  }
  keepWheel(task);
  return undefined;
});
