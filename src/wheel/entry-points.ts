import { ArtifactError } from "../errors.ts";

/** A script to be made: an entry point of `console_scripts` or `gui_scripts` (PyPA: entry points specification). */
export interface EntryPoint {
  readonly group: string;
  readonly name: string;
  readonly module: string;
  /** Dotted. */
  readonly attribute: string;
}

const reference =
  /^(?<module>[\p{L}_][\p{L}\p{N}_.]*)\s*(?::\s*(?<attribute>[\p{L}_][\p{L}\p{N}_.]*))?\s*(?:\[[^\]]*\])?$/u;

/**
 * Parses entry_points.txt: INI with `=` only and case-sensitive names. Extras behind a reference have no effect.
 * @throws ArtifactError `wheel-metadata-invalid`
 */
export function parseEntryPoints(text: string): EntryPoint[] {
  const found: EntryPoint[] = [];
  let group: string | undefined;
  for (const physical of text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/)) {
    const line = physical.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const section = /^\[(.*)\]$/.exec(line)?.[1];
    if (section !== undefined) {
      group = section.trim();
      continue;
    }
    const at = line.indexOf("=");
    if (group === undefined || at < 1) throw invalid(line);
    // What other groups hold is their own business: only scripts are installed.
    if (!isScriptGroup(group)) continue;
    found.push(parseScript(group, line.slice(0, at).trim(), line.slice(at + 1).trim(), line));
  }
  return found;
}

function isScriptGroup(group: string): boolean {
  return group === "console_scripts" || group === "gui_scripts";
}

function parseScript(group: string, name: string, value: string, line: string): EntryPoint {
  const { module, attribute } = reference.exec(value)?.groups ?? {};
  if (module === undefined || attribute === undefined) throw invalid(line);
  // The name becomes a file in the scripts folder, and nothing but that.
  if (!/^[\w.][\w .+-]*$/u.test(name) || /^\.+$/.test(name)) throw invalid(line);
  return { group, name, module, attribute };
}

function invalid(line: string): ArtifactError {
  return new ArtifactError(
    "wheel-metadata-invalid",
    `entry_points.txt cannot be used: "${line.slice(0, 120)}" is no script`,
  );
}
