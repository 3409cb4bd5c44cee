import { readFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, TrustError } from "../errors.ts";

export function trustedRootPath(directory: string): string {
  return join(directory, "trusted_root.json");
}

/**
 * The trusted root that `tspip trust update` stored, if there is one.
 * @throws TrustError when it is there and cannot be read: falling back in silence would be another root than asked for
 */
export async function readStoredRoot(directory: string): Promise<string | undefined> {
  const path = trustedRootPath(directory);
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    // A home that is no folder, as /dev/null, has nothing in it.
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new TrustError("trusted-root-unreadable", `Cannot read the trusted root "${path}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}
