import type { Tool } from "../../bootstrap/tool.ts";
import type { BootstrapOptions } from "../command-line/artifacts.ts";
import type { GateOptions, IndexOptions } from "../command-line/options.ts";
import type { Host } from "../host.ts";
import type { Talk } from "../terminal.ts";

/** What a bootstrap works with. */
export interface BootstrapParts {
  readonly tool: Tool;
  readonly options: BootstrapSettings;
  /** The policy that says which certificates of servers are good. */
  readonly policyInForce: Pick<GateOptions, "policy" | "allowExpiredPolicy">;
  /** Whether a tool that is there stays. */
  readonly keepsPresent: boolean;
  readonly talk: Talk;
  readonly host: Host;
}

/** What `tspip bootstrap` and `tspip pip` share. */
export type BootstrapSettings = IndexOptions &
  Pick<BootstrapOptions, "venv" | "python" | "user" | "breakSystemPackages" | "wheel" | "cacheDir"> &
  Pick<
    GateOptions,
    "policy" | "allowExpiredPolicy" | "trustedRoot" | "keyring" | "secondOpinion" | "explain" | "attestations"
  >;
