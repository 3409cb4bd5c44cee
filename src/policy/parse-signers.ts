import { parsePublisher } from "./parse-publisher.ts";
import type { SignerCondition } from "./policy.ts";
import { publisherMeaning } from "./principal.ts";
import type { TableReader } from "./table-reader.ts";

/** What a name stands for; nothing when its definition has mistakes, so that its uses are not mistakes too. */
export type Named = ReadonlyMap<string, SignerCondition | undefined>;

/** `[signers.NAME]`, each as a group of one. */
export function parseSigners(table: TableReader | undefined): Named {
  const signers = new Map<string, SignerCondition | undefined>();
  const nameOf = new Map<string, string>();
  for (const [name, reader] of table?.namedTables("signer") ?? []) {
    const publisher = parsePublisher(reader);
    reader.finish();
    if (publisher === undefined) {
      signers.set(name, undefined);
      continue;
    }
    // Under two names, one signer could fill two places of a group.
    const meaning = publisherMeaning(publisher);
    const earlier = nameOf.get(meaning);
    if (earlier !== undefined)
      reader.wrongHere(`signer "${name}" is the same as signer "${earlier}": a signer has one name`);
    nameOf.set(meaning, earlier ?? name);
    signers.set(name, {
      name: `signer "${name}"`,
      members: [{ name, publisher }],
      threshold: 1,
      distinctBy: "identity",
    });
  }
  return signers;
}
