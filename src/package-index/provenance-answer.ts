/** The kinds of "not there" stay apart (PEP 740): see `AttestationAbsence`. */
export type ProvenanceAnswer =
  | { readonly state: "found"; readonly bytes: Buffer; readonly url: URL }
  | { readonly state: "none" | "unknown" | "refused" }
  | { readonly state: "unavailable"; readonly reason: string };
