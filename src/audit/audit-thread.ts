import { serve } from "../threads/pool.ts";
import { type LookTask, work } from "./look.ts";

/** What a thread of look.ts runs. */
serve(async (task: LookTask) => work(task));
