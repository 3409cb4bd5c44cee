import { quotation, UsageError } from "../errors.ts";

declare const normalized: unique symbol;

/** A project's name in normal form: lower case, runs of `-`, `_` and `.` written as one `-`. */
export type ProjectName = string & { readonly [normalized]: true };

/** Core metadata, "Name": ASCII letters and digits, with `.`, `_` and `-` inside. */
const validName = /^[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?$/i;

/** Whether `name` can be the name of a project at all, in any spelling. */
export function isProjectName(name: string): boolean {
  return validName.test(name);
}

/**
 * Brings a project's name into normal form (PyPA: name normalization, formerly PEP 503).
 * @throws UsageError `invalid-name`
 */
export function normalizeProjectName(name: string): ProjectName {
  if (!isProjectName(name)) throw new UsageError("invalid-name", `"${quotation(name)}" is not a project name`);
  return inNormalForm(name) as ProjectName;
}

/** The same of a text that may be no name, such as a pattern of names. Extras have the same normal form (PEP 685). */
export function inNormalForm(text: string): string {
  return text.replace(/[-_.]+/g, "-").toLowerCase();
}

/** An extra in normal form; what is no name at all is compared as it is. */
export function extraName(text: string): string {
  return isProjectName(text) ? normalizeProjectName(text) : text;
}
