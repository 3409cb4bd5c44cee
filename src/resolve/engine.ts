import type { ProjectName } from "../distribution/project-name.ts";
import type { Version } from "../distribution/version.ts";

/** A program that chooses versions. Ours are uv and pip: see docs/decisions/0010-resolution.md. */
export interface Engine {
  readonly name: EngineName;
  /** Learns what it has to know of an interpreter, so that `resolve` need not wait for that. Fails nobody. */
  prepare?(place: EnginePlace): Promise<void>;
  /** @throws EnvironmentError when the program cannot be run, or says what nobody understands */
  resolve(request: ResolveRequest): Promise<Resolution>;
}

const engineNames = ["uv", "pip"] as const;
export type EngineName = (typeof engineNames)[number];

/** Where an engine is at work. */
export interface EnginePlace {
  /** Absolute path of the interpreter to resolve for. */
  readonly python: string;
  /** A private folder for what it wants to keep until it is done. */
  readonly cache: string;
  readonly signal: AbortSignal;
}

export interface ResolveRequest extends EnginePlace {
  /** Dependency specifiers without URLs, one each. */
  readonly requirements: readonly string[];
  readonly constraints: readonly string[];
  /** The one index there is. */
  readonly index: URL;
  /** Versions to keep where nothing speaks against them. */
  readonly preferred: readonly Pin[];
  /** Whether pre-releases count everywhere; else only where a requirement names one or there is nothing else. */
  readonly prereleases: boolean;
  readonly withDependencies: boolean;
  /** A private folder that is there already. */
  readonly directory: string;
}

export interface Pin {
  readonly name: ProjectName;
  readonly version: Version;
}

/** One version a project, or the engine's words on why there is no such choice. */
export type Resolution =
  | { readonly outcome: "resolved"; readonly pins: readonly Pin[] }
  | { readonly outcome: "impossible"; readonly explanation: string };
