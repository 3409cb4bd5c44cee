import { serve } from "../threads/pool.ts";
import { type LookTask, lookAt } from "./look.ts";

/** What a thread of look.ts runs. */
serve(async (task: LookTask) => lookAt(task));
