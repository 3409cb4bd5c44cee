/** One difference in meaning between two policies, or two pins files. */
export interface Change {
  /** Whether more is admitted than before, or less; `changed` where that depends on what there is. */
  readonly effect: "weaker" | "stricter" | "changed";
  /** Which part of the file: `[default]`, `[[rule]] name = "numpy"`. */
  readonly place: string;
  readonly text: string;
}
