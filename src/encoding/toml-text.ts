/** A TOML basic string: a JSON string in which DEL is escaped too. */
export function tomlText(value: string): string {
  return JSON.stringify(value).replaceAll("\u007f", "\\u007f");
}
