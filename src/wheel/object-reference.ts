import { dotted, groupedLines } from "./entry-points.ts";

/** An entry point of any group: a module, and where it names one, an attribute of it. */
export interface ObjectReference {
  readonly name: string;
  /** Dotted. */
  readonly module: string;
  /** Dotted. */
  readonly attribute?: string;
}

/**
 * The entry points of one group of an installed distribution. Lines that are none are left out, as importlib.metadata
 * does.
 * @throws ArtifactError `wheel-metadata-invalid`
 */
export function parseEntryPointGroup(text: string, group: string): ObjectReference[] {
  return groupedLines(text).flatMap((each) => (each.group === group ? parseReference(each.line) : []));
}

function parseReference(line: string): ObjectReference[] {
  const at = line.indexOf("=");
  const { module, attribute } = objectReference.exec(line.slice(at + 1).trim())?.groups ?? {};
  const name = line.slice(0, at).trim();
  if (at < 1 || name === "" || module === undefined) return [];
  return [{ name, module, ...(attribute !== undefined && { attribute }) }];
}

const objectReference = new RegExp(
  `^(?<module>${dotted})(?:\\s*:\\s*(?<attribute>${dotted}))?\\s*(?:\\[[^\\]]*\\])?$`,
  "u",
);
