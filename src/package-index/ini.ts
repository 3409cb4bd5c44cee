import { UsageError } from "../errors.ts";

/**
 * Reads a configuration file as Python's configparser does, as far as pip's files need it: sections, `key = value` or
 * `key: value`, comments, values that go on in indented lines.
 * @throws UsageError `invalid-configuration`, naming file and line
 */
export function readIni(text: string, path: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  let key: string | undefined;
  for (const [at, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\r|\n/)
    .entries()) {
    if (line.trim() === "" || /^\s*[#;]/.test(line)) continue;
    if (/^\s/.test(line) && section !== undefined && key !== undefined) {
      section.set(key, `${section.get(key) ?? ""}\n${line.trim()}`);
      continue;
    }
    const name = /^\[([^\]]+)\]\s*$/.exec(line)?.[1];
    if (name !== undefined) {
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
      key = undefined;
      continue;
    }
    const [, rawKey, value = ""] = /^([^=:]+?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (section === undefined || rawKey === undefined)
      throw new UsageError("invalid-configuration", `${path}:${at + 1}: this is no setting`);
    // As pip does: a long option may stand there as it is typed.
    key = rawKey.toLowerCase().replaceAll("_", "-").replace(/^--/, "");
    section.set(key, value);
  }
  return sections;
}
