import { kebabCase } from "../../encoding/kebab-case.ts";
import { tomlText } from "../../encoding/toml-text.ts";
import type { Publisher } from "../../trust/publisher.ts";

/** `[signers.NAME]` and its fields, one line each. */
export function formatSigner(name: string, publisher: Publisher): string[] {
  const fields = Object.entries(publisher).map(([field, value]) => `${kebabCase(field)} = ${tomlText(value)}`);
  return [`[signers.${name}]`, ...fields];
}
