import { serve } from "../threads/pool.ts";
import { openShared } from "../threads/shared-bytes.ts";
import type { Evidence } from "../verdict/evidence.ts";
import { inspectWheel } from "./inspect-wheel.ts";
import type { WheelTask } from "./inspectors/wheel.ts";

/** What a thread of inspectors/wheel.ts runs. */
serve<WheelTask, readonly Evidence[]>(({ bytes, filename }) => inspectWheel(openShared(bytes), filename));
