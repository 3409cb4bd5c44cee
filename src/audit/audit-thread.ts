import { serve } from "../threads/pool.ts";
import { type LookTask, look } from "./look.ts";

/** What a thread of look.ts runs. */
serve<LookTask, unknown[]>(async (task) => look(task));
