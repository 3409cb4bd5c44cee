import { publisherMismatches } from "../trust/publisher.ts";
import type { AttestedSigner } from "../trust/signer.ts";
import type { SignerCondition } from "./policy.ts";
import { principalOf } from "./principal.ts";

/**
 * How many members have signed: the most that can be paired with different parties among `signers`, each member and
 * each party once. Ten signatures by one party are one, and so are two parties that fit only one member.
 *
 * Pairing, instead of counting either side, keeps overlapping members honest (one that names a repository, another
 * that names a workflow of it), and a further signer can only add a pair.
 */
export function countSigned({ members, distinctBy }: SignerCondition, signers: readonly AttestedSigner[]): number {
  const parties = members.map(({ publisher }) => {
    const fitting = signers.filter((signer) => publisherMismatches(signer, publisher).length === 0);
    return new Set(fitting.map((signer) => principalOf(signer, distinctBy)));
  });
  return mostPairs(parties);
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
