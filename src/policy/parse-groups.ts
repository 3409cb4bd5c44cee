import { didYouMean } from "./did-you-mean.ts";
import type { Named } from "./parse-signers.ts";
import { type DistinctBy, distinctBys, type PolicySigner, type SignerCondition } from "./policy.ts";
import { memberParty } from "./principal.ts";
import type { TableReader } from "./table-reader.ts";

/** More members than any group has; pairing them with signatures takes time that grows with the square. */
const maxMembers = 100;

/** `[groups.NAME]` of all files. */
export function parseGroups(tables: readonly TableReader[], signers: Named): Named {
  const groups = new Map<string, SignerCondition | undefined>();
  for (const [name, reader] of tables.flatMap((table) => table.namedTables("group"))) {
    if (groups.has(name)) reader.wrongHere(`another file has a [groups.${name}] too`);
    groups.set(name, parseGroup(name, reader, signers));
  }
  return groups;
}

function parseGroup(name: string, table: TableReader, signers: Named): SignerCondition | undefined {
  const group = parseQuorum(table, "of", { name: `group "${name}"`, signers });
  table.finish();
  return group;
}

/** The members that `key` lists, how many of them must sign, and what makes two of them one party. */
export function parseQuorum(
  table: TableReader,
  key: string,
  { name, signers }: { readonly name: string; readonly signers: Named },
): SignerCondition | undefined {
  const members = parseMembers(table, key, signers);
  const threshold = parseThreshold(table);
  const distinctBy = table.choice("distinct-by", distinctBys) ?? "identity";
  if (members === undefined || threshold === undefined) return undefined;
  const parties = countParties(members, distinctBy);
  if (threshold > parties) {
    const counted = `${name} has ${parties} ${parties === 1 ? "member" : "different members"} by ${distinctBy}`;
    return table.wrong("threshold", `"threshold" is ${threshold}, ${counted}: it could never be met`);
  }
  return { name, members, threshold, distinctBy };
}

/** The signers that a list names; nothing unless all of them are known, as the number of members matters. */
function parseMembers(table: TableReader, key: string, signers: Named): readonly PolicySigner[] | undefined {
  const names = table.texts(key);
  if (!table.has(key)) return table.missing(key, "it lists the names of signers");
  if (names === undefined) return undefined;
  if (names.length > maxMembers)
    return table.wrong(key, `"${key}" names ${names.length} signers, at most ${maxMembers} can be`);
  const members = names.map((name, at) => {
    if (names.indexOf(name) < at) return table.wrong(key, `signer "${name}" is named twice`, at);
    if (!signers.has(name))
      return table.wrong(key, `there is no [signers.${name}]${didYouMean(name, signers.keys())}`, at);
    return signers.get(name)?.members[0];
  });
  return members.every((member) => member !== undefined) ? members : undefined;
}

function parseThreshold(table: TableReader): number | undefined {
  if (!table.has("threshold")) return table.missing("threshold", "it says how many members must sign");
  const threshold = table.integer("threshold");
  if (threshold === undefined || threshold >= 1) return threshold;
  return table.wrong("threshold", `"threshold" is ${threshold}, expected 1 or more: nobody would have to sign`);
}

function countParties(members: readonly PolicySigner[], distinctBy: DistinctBy): number {
  return new Set(members.map((member) => memberParty(member, distinctBy))).size;
}
