import { IndexError } from "../errors.ts";

/**
 * Simple repository API, "versioning": a greater major version must not be read, a greater minor one is warned about,
 * none at all means 1.0.
 * @returns warnings
 * @throws IndexError `index-version-unsupported`
 */
export function checkApiVersion(version: unknown, { host }: URL): string[] {
  if (version === undefined) return [];
  const [, major, minor] = /^(\d{1,6})\.(\d{1,6})$/.exec(String(version)) ?? [];
  if (major !== "1") {
    throw new IndexError(
      "index-version-unsupported",
      `The index ${host} speaks API version "${String(version)}", tspip knows 1`,
      {
        hint: "Update tspip",
      },
    );
  }
  return Number(minor) > newestMinor ? [`The index ${host} speaks API version 1.${minor}, newer than tspip knows`] : [];
}

const newestMinor = 4;
