import { ArtifactError } from "../errors.ts";
import { collisionKey, fileNameProblem } from "./member-path.ts";

/** A script to be made: an entry point of `console_scripts` or `gui_scripts` (PyPA: entry points specification). */
export interface EntryPoint {
  readonly group: string;
  readonly name: string;
  readonly module: string;
  /** Dotted. */
  readonly attribute: string;
}

/**
 * The scripts of entry_points.txt. Extras behind a reference have no effect. What other groups hold is their own business.
 * @throws ArtifactError `wheel-metadata-invalid`
 */
export function parseEntryPoints(text: string): EntryPoint[] {
  return withoutRepeats(
    groupedLines(text).flatMap(({ group, line }) =>
      group === "console_scripts" || group === "gui_scripts" ? [parseScript(group, line)] : [],
    ),
  );
}

/** INI with `=` only and case-sensitive names (PyPA: entry points specification). */
export function groupedLines(text: string): { readonly group: string; readonly line: string }[] {
  let group: string | undefined;
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\r|\n/)
    .flatMap((physical) => {
      const line = physical.trim();
      if (line === "" || line.startsWith("#") || line.startsWith(";")) return [];
      if (line.startsWith("[") && line.endsWith("]")) {
        group = line.slice(1, -1).trim();
        return [];
      }
      if (group === undefined) throw invalid(line, "stands before any group");
      return [{ group, line }];
    });
}

/** Names become Python source, so a reference has to be dotted names and nothing else. */
const identifier = "[\\p{XID_Start}_]\\p{XID_Continue}*";
export const dotted = `${identifier}(?:\\.${identifier})*`;
/** Made where there is an entry point, as most wheels have none: the tables of Unicode take a millisecond to read. */
let reference: RegExp | undefined;

function parseScript(group: string, line: string): EntryPoint {
  const at = line.indexOf("=");
  if (at < 1) throw invalid(line, "is no entry point");
  const name = line.slice(0, at).trim();
  reference ??= new RegExp(`^(?<module>${dotted})\\s*:\\s*(?<attribute>${dotted})\\s*(?:\\[[^\\]]*\\])?$`, "u");
  const { module, attribute } = reference.exec(line.slice(at + 1).trim())?.groups ?? {};
  if (module === undefined || attribute === undefined) throw invalid(line, "names no module and function");
  // The name becomes a file in the scripts folder, and nothing but that.
  const why = fileNameProblem(name);
  if (why !== undefined) throw invalid(line, why);
  return { group, name, module, attribute };
}

/** Two scripts of one name are one file. The same script in both groups is one script. */
function withoutRepeats(scripts: readonly EntryPoint[]): EntryPoint[] {
  const byFile = new Map<string, EntryPoint>();
  for (const script of scripts) {
    const key = collisionKey(script.name);
    const first = byFile.get(key);
    const isSame =
      script.name === first?.name && script.module === first.module && script.attribute === first.attribute;
    if (first === undefined) byFile.set(key, script);
    else if (!isSame)
      throw invalid(`${script.name} = ${script.module}:${script.attribute}`, `is "${first.name}" as well`);
  }
  return [...byFile.values()];
}

function invalid(line: string, why: string): ArtifactError {
  return new ArtifactError("wheel-metadata-invalid", `entry_points.txt cannot be used: "${line.slice(0, 120)}" ${why}`);
}
