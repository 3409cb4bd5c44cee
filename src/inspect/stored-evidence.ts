import type { Evidence } from "../verdict/evidence.ts";

/** Evidence as JSON has it: a time is a text. */
type StoredEvidence = Omit<Evidence, "signedAt"> & { readonly signedAt?: string };

/** Evidence that was written as JSON. What it is was judged when it was written; of summaries none is kept. */
export function revivedEvidence<Kind extends Evidence>(stored: unknown): Kind {
  const { signedAt, ...rest } = stored as StoredEvidence;
  return { ...rest, ...(signedAt !== undefined && { signedAt: new Date(signedAt) }) } as unknown as Kind;
}
