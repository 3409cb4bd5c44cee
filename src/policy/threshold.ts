import { publisherMismatches } from "../trust/publisher.ts";
import type { PolicySigner, SignerCondition } from "./policy.ts";
import { principalOf, type Voucher } from "./principal.ts";

/**
 * How many members have signed: the most that can be paired with different parties among `vouchers`, each member and
 * each party once. Ten signatures by one party are one, and so are two parties that fit only one member.
 *
 * Pairing, instead of counting either side, keeps overlapping members honest (one that names a repository, another
 * that names a workflow of it), and a further signer can only add a pair.
 */
export function countSigned({ members, distinctBy }: SignerCondition, vouchers: readonly Voucher[]): number {
  const parties = members.map((member) => {
    const fitting = vouchers.filter((voucher) => isMember(voucher, member));
    return new Set(fitting.map((voucher) => principalOf(voucher, distinctBy)));
  });
  return mostPairs(parties);
}

/** Whether `voucher` is the signer whom the policy calls `member`. */
export function isMember(voucher: Voucher, member: PolicySigner): boolean {
  if (member.kind === "publisher")
    return voucher.kind === "certificate" && publisherMismatches(voucher.signer, member.publisher).length === 0;
  if (voucher.kind !== "key") return false;
  return member.key.kind === "public-key" ? voucher.key === member.key.id : voucher.keyName === member.key.id;
}

/** Maximum bipartite matching by augmenting paths (Kuhn's algorithm). Index = member, set = the parties that fit it. */
function mostPairs(parties: readonly ReadonlySet<string>[]): number {
  const memberOf = new Map<string, number>();
  const pair = (member: number, tried: Set<string>): boolean => {
    for (const party of parties[member] ?? []) {
      if (tried.has(party)) continue;
      tried.add(party);
      const rival = memberOf.get(party);
      if (rival === undefined || pair(rival, tried)) {
        memberOf.set(party, member);
        return true;
      }
    }
    return false;
  };
  return parties.filter((_, member) => pair(member, new Set())).length;
}
