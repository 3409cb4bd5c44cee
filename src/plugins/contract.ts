/**
 * The contract with inspectors from others (pip issue 12766 and pull request 12985, docs/ext.md). It is unstable and may
 * change without notice, as the RFC asks; this number says when it did.
 */
export const contractVersion = 1;

/** The hooks of the one type of plugin there is, `dist-inspector`, in the RFC's spelling. */
export const hookNames = ["pre_download", "pre_extract"] as const;
export type HookName = (typeof hookNames)[number];

/** What an inspector is loaded from. */
export interface PluginModule {
  /** As tspip.toml has it: the name of the entry point, or of one's own choice for JavaScript. */
  readonly name: string;
  /** A dotted Python module, or what `import()` takes. */
  readonly module: string;
  /** The attribute of the module that an entry point names, dotted. */
  readonly attribute?: string;
  /** Handed to the inspector's `configure`, as they stand in tspip.toml. */
  readonly options?: unknown;
}

/** `ignored`: a type, or hooks, that nobody here calls. `warnings`: hooks among others that nobody calls. */
export type LoadAnswer =
  | { readonly state: "loaded"; readonly hooks: readonly HookName[]; readonly warnings: readonly string[] }
  | { readonly state: "ignored"; readonly reason: string }
  | { readonly state: "failed"; readonly reason: string };

/** `refused`: it raised ValueError or InspectionRefused. `failed`: anything else that was not returning nothing. */
export type HookAnswer =
  | { readonly outcome: "passed" }
  | { readonly outcome: "refused"; readonly message: string }
  | { readonly outcome: "failed"; readonly message: string };

/** What a hook is called with; which of it a Python function gets is decided by its parameters. */
export interface HookArguments {
  /** Without credentials and fragment. */
  readonly url: string;
  readonly filename: string;
  /** SHA-256 as lower-case hex: promised by the index, or computed once the bytes are here. */
  readonly digest: string | null;
  /** `pre_extract`: a private copy of the artifact under its own file name. */
  readonly path?: string;
  readonly reference: Reference;
}

/** All that is known of an artifact, as plain data. */
export interface Reference {
  readonly contract: typeof contractVersion;
  readonly url: string;
  readonly filename: string;
  readonly kind: "wheel" | "sdist";
  /** In normal form. */
  readonly project: string;
  readonly version: string;
  /** By algorithm, as lower-case hex: promised, or with `pre_extract` computed. */
  readonly digests: Readonly<Record<string, string>>;
  /** Where the promise comes from: an index, a page of links, or the user. */
  readonly source: { readonly kind: string; readonly url?: string };
  /** Bytes. */
  readonly size?: number;
  readonly requires_python?: string;
  /** The reason, possibly empty. */
  readonly yanked?: string;
  /** ISO 8601, in UTC. */
  readonly upload_time?: string;
  /** Of its provenance (PEP 740): a URL, or why there is none. */
  readonly provenance: string;
}
