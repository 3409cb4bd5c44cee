import { serve } from "../threads/pool.ts";
import { openToRead } from "../threads/shared-bytes.ts";
import { type Taken, takeRest, untaken } from "../threads/untaken.ts";
import { inspectWheel, lookAtWheel } from "./inspect-wheel.ts";
import type { WheelTask } from "./inspectors/wheel.ts";
import type { WheelInspection } from "./wheel-inspection.ts";
import { isSound, keepWheel } from "./wheel-memory.ts";

/** What a thread of inspectors/wheel.ts runs. */
serve<WheelTask, WheelInspection | undefined>(async (task) => {
  if ("bytes" in task) {
    using bytes = openToRead(task.bytes);
    const { filename, places, taken } = task;
    if (taken === undefined) return await inspectWheel(bytes, filename, places);
    const inspection = await lookAtWheel(bytes, filename, places, (entries) => untakenOf(entries, taken));
    // Of one that is not sound, the others need not unpack the rest.
    if (!isSound(inspection)) takeRest(taken);
    return inspection;
  }
  keepWheel(task);
  return undefined;
});

function* untakenOf<Entry>(entries: readonly Entry[], taken: Taken): Generator<Entry> {
  for (const at of untaken(entries.length, taken)) yield entries[at] as Entry;
}
