import { createPublicKey } from "node:crypto";
import { isJsonObject, type JsonObject, type JsonValue, parseJsonBytes } from "../encoding/json.ts";
import { messageOf, type TrustError } from "../errors.ts";
import { refused } from "./members.ts";

/**
 * Refuses a root in which one key has two ids: tuf-js counts ids, and one key would meet a threshold of two
 * (CVE-2020-6174, GHSA-3633-5h82-39pq). A threshold below one is met by nobody's signature (CVE-2026-23992).
 * @param bytes metadata of a root, signed or not: only what it says of keys is looked at
 * @throws TrustError `keyring-refused`
 */
export function checkTufRoot(bytes: Uint8Array): void {
  const signed = member(parse(bytes), "signed");
  const keys = new Map(Object.entries(member(signed, "keys")).map(([id, key]) => [id, keyValue(key)] as const));
  for (const [name, value] of Object.entries(member(signed, "roles"))) {
    const { keyids, threshold } = isJsonObject(value) ? value : {};
    if (!Array.isArray(keyids)) throw unreadable(`role "${name}" has no keys`);
    const values = new Set(keyids.map((id) => keys.get(String(id)) ?? ""));
    values.delete("");
    if (values.size < new Set(keyids.filter((id) => keys.has(String(id)))).size)
      throw refused(`the TUF root lists one key twice for "${name}"`);
    if (typeof threshold !== "number" || !Number.isInteger(threshold) || threshold < 1 || threshold > values.size)
      throw refused(`the TUF root asks for ${JSON.stringify(threshold)} of ${values.size} keys for "${name}"`);
  }
}

/** One text for one key, however it is spelled. */
function keyValue(key: JsonValue): string {
  const text = member(member(key, "keyval"), "public", "text");
  if (!text.includes("-----BEGIN")) return text.toLowerCase();
  try {
    return createPublicKey(text).export({ type: "spki", format: "der" }).toString("hex");
  } catch (error) {
    throw unreadable(messageOf(error));
  }
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJsonBytes(bytes);
  } catch (error) {
    throw unreadable(messageOf(error));
  }
}

function member(value: JsonValue, name: string): JsonObject;
function member(value: JsonValue, name: string, kind: "text"): string;
function member(value: JsonValue, name: string, kind?: "text"): JsonObject | string {
  const found = isJsonObject(value) ? value[name] : undefined;
  if (kind === "text" ? typeof found === "string" : isJsonObject(found)) return found as JsonObject | string;
  throw unreadable(`it has no "${name}"`);
}

function unreadable(why: string): TrustError {
  return refused(`the TUF root cannot be read: ${why}`);
}
