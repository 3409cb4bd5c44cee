import { serve } from "../threads/pool.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { inspectWheel, type WheelInspection } from "./inspect-wheel.ts";
import type { WheelTask } from "./inspectors/wheel.ts";
import { keepWheel } from "./wheel-memory.ts";

/** What a thread of inspectors/wheel.ts runs. */
serve<WheelTask, WheelInspection | undefined>(async (task) => {
  if ("bytes" in task) return inspectWheel(openShared(task.bytes), task.filename, task.places);
  keepWheel(task);
  return undefined;
});
