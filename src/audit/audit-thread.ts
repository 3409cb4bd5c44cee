import { serve } from "../threads/pool.ts";
import { stateOf } from "./file-state.ts";
import type { FileState, FileTask } from "./hash-files.ts";

/** What a thread of hash-files.ts runs. */
serve<readonly FileTask[], FileState[]>(async (files) => files.map(stateOf));
