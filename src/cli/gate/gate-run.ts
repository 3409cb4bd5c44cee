import type { Installed } from "../../environment/installed.ts";
import type { Interpreter } from "../../environment/interpreter.ts";
import type { PackedStore } from "../../memory/packed-store.ts";
import type { Pin } from "../../resolve/engine.ts";
import type { TakenBundle } from "../bundle/taken-bundle.ts";
import type { GateOptions } from "../command-line/options.ts";
import type { Host } from "../host.ts";
import type { Destination } from "../report/format.ts";
import type { PolicyInForce } from "../settings/policy-in-force.ts";
import type { Talk } from "../terminal.ts";
import type { UserRequest } from "./request.ts";

/** What a command with a gate knows before it asks anybody: its own mistakes show first. */
export interface GateRun {
  readonly options: GateOptions;
  readonly destinations: readonly Destination[];
  readonly policy: PolicyInForce;
  readonly request: UserRequest;
  readonly talk: Talk;
  readonly host: Host;
  /** What earlier runs learnt; given where digests of a lock file may be judged in place of bytes. */
  readonly memory?: PackedStore | undefined;
  /** Whether signers are wanted of every artifact, also where the policy has no use for them. */
  readonly everySigner?: boolean;
  /** Whether the attestations that were found are kept, for whoever writes them down. */
  readonly keepDocuments?: boolean;
  /** What stands in the place of indexes, cache and configuration. */
  readonly bundle?: TakenBundle | undefined;
}

/** A private folder in which an engine has prepared itself. */
export interface EngineCache {
  /** Nothing where it did not, or is done. */
  folder(): Promise<string | undefined>;
  /** The engine is done. */
  remove(): Promise<void>;
}

/** The environment that the request is for. */
export interface GateTarget {
  readonly interpreter: Interpreter;
  readonly installed: readonly Installed[];
  /** Versions to keep where they fit. */
  readonly preferred: readonly Pin[];
  readonly engineCache?: EngineCache | undefined;
}
