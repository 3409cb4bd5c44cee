import { digestOf } from "../distribution/digest.ts";
import type { ByteStore } from "../memory/byte-store.ts";
import type { IndexClient } from "./client.ts";

/** The same client, which remembers the core metadata of files that the index promises a SHA-256 of. */
export function rememberMetadata<Client extends Pick<IndexClient, "coreMetadata">>(
  client: Client,
  store: ByteStore,
): Client {
  return {
    ...client,
    async coreMetadata(ref, hooks) {
      const { url, digests, coreMetadata } = ref;
      if (digests.sha256 === undefined) return client.coreMetadata(ref, hooks);
      const name = JSON.stringify(["metadata/1", url.href, digests.sha256]);
      const known = store.get(name);
      // What the index promises of it holds for what is remembered as well.
      const promised = coreMetadata?.sha256;
      if (known !== undefined && (promised === undefined || promised === digestOf(known))) return known;
      const served = await client.coreMetadata(ref, hooks);
      if (served !== undefined) await store.set(name, served);
      return served;
    },
  };
}
