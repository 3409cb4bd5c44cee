import { join } from "node:path";
import { type ByteStore, openByteStore } from "../../memory/byte-store.ts";
import type { IndexClient } from "../../package-index/client.ts";
import { isTimeless } from "../../policy/timeless.ts";
import { createListingMemory, type ListingMemory } from "../../proxy/listing-memory.ts";
import type { Host } from "../host.ts";
import { clientRelations } from "../serving/file-answer.ts";
import { cacheFolder } from "../settings/cache-folder.ts";
import type { PolicyInForce } from "../settings/policy-in-force.ts";
import { version } from "../version.ts";

/** Project pages and METADATA of earlier runs; nothing with `--no-cache-dir`. */
export function openPageStore(cacheDir: string | boolean | undefined, host: Host): ByteStore | undefined {
  const folder = cacheFolder(cacheDir, host);
  return folder === undefined ? undefined : openByteStore(join(folder, "pages"), host.userId);
}

/** Project pages as they went out under this policy before. */
export function listingMemoryFor(
  store: ByteStore,
  client: IndexClient,
  inForce: PolicyInForce,
  host: Host,
): ListingMemory {
  const { policy, sha256 } = inForce;
  // A listing is no verdict: what it offers is judged when it is asked for, so that an hour is soon enough.
  const time = isTimeless(policy) ? "" : host.now().toISOString().slice(0, "2026-01-01T00".length);
  const context = [version, sha256, String(policy.allowsExpired === true), ...clientRelations(inForce), time];
  return createListingMemory(client, store, context);
}
