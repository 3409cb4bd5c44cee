import { type FindingId, findingCatalog } from "./finding-catalog.ts";

export type Severity = "error" | "warning" | "note";

/** One condition of the policy is unmet, or one inspector or audit has something to say. */
export interface Finding {
  readonly id: FindingId;
  readonly severity: Severity;
  /** Names the thing, what we have and what we want. Text from outside stands in it unescaped: renderers escape. */
  readonly message: string;
  readonly hint: string;
  /** The id of the exception in the policy that waives it; it is a warning then. */
  readonly exception?: string;
}

/** What an inspector saw to be wrong, in the vocabulary of the catalog; whether it matters is the policy's to say. */
export interface Problem {
  readonly id: FindingId;
  readonly message: string;
}

/** What an inspector saw that is no reason to refuse, and that the user should know. */
export interface Notice extends Problem {
  readonly severity: Exclude<Severity, "error">;
}

export function finding(id: FindingId, message: string, severity: Severity = "error"): Finding {
  return { id, severity, message, hint: findingCatalog[id].hint };
}
