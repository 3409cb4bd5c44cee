import { serve } from "../threads/pool.ts";
import { openShared } from "../threads/shared-bytes.ts";
import { inspectWheel, type WheelInspection } from "./inspect-wheel.ts";
import type { WheelTask } from "./inspectors/wheel.ts";

/** What a thread of inspectors/wheel.ts runs. */
serve<WheelTask, WheelInspection>(({ bytes, filename, folder }) => inspectWheel(openShared(bytes), filename, folder));
