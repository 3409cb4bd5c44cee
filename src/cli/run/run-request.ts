import type { ClientCommand } from "../../clients/client.ts";
import type { RunOptions } from "../command-line/artifacts.ts";
import type { Host } from "../host.ts";

/** A command that is to be led through the gate. */
export interface RunRequest {
  /** As they were typed. */
  readonly words: readonly string[];
  readonly command: ClientCommand;
  readonly options: RunOptions;
  readonly host: Host;
}
