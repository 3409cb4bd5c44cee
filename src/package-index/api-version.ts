import { IndexError } from "../errors.ts";

const newestMinor = 4;

/**
 * Simple repository API, "versioning": a greater major version must not be read, a greater minor one is warned about,
 * none at all means 1.0.
 * @returns warnings
 * @throws IndexError `index-version-unsupported`
 */
export function checkApiVersion(version: unknown, { host }: URL): string[] {
  if (version === undefined) return [];
  const text = typeof version === "string" ? version : typeof version;
  const [, major, minor] = /^(\d{1,6})\.(\d{1,6})$/.exec(text) ?? [];
  if (major !== "1") {
    const message = `The index ${host} speaks API version ${JSON.stringify(text.slice(0, 40))}, tspip knows 1`;
    throw new IndexError("index-version-unsupported", message, { hint: "Update tspip" });
  }
  return Number(minor) > newestMinor ? [`The index ${host} speaks API version 1.${minor}, newer than tspip knows`] : [];
}
