/** Files to be written: name → content. */
export type NewFiles = Readonly<Record<string, string>>;
