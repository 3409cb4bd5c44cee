import { serve } from "../threads/pool.ts";
import { realDisk } from "./disk.ts";
import { planUnpacking, unpack } from "./stage.ts";
import type { Move } from "./transaction.ts";
import type { UnpackTask } from "./unpack-threads.ts";

/** What a thread of unpack-threads.ts runs. */
serve<UnpackTask, Move[]>(async ({ wheel, folder, environment }) =>
  unpack(await planUnpacking(wheel, environment), folder, environment, realDisk),
);
