import type { ServiceConfig } from "../../service/config.ts";
import { type Renewed, renewed } from "../../service/renewed.ts";
import type { ServiceContent } from "../../service/server.ts";
import { openTeamIndex, type TeamIndex, type TeamIndexParts } from "./team-index.ts";
import { PinsChanged } from "./team-pins.ts";

/** The indexes of all teams. Disposing closes them. */
export interface TeamIndexes extends AsyncDisposable {
  readonly lend: ServiceContent["index"];
}

/** How often a file is judged again because others were pinned while it was judged. */
const mostTries = 8;

/** @param maxAgeMs how old the pages and the policy may be that an answer goes by */
export function openTeamIndexes(teams: ServiceConfig["teams"], parts: TeamIndexParts, maxAgeMs: number): TeamIndexes {
  const now = () => parts.host.now().getTime();
  const indexes = new Map(
    teams.map(({ name, policy }) => [name, renewed(() => openTeamIndex(name, policy, parts), maxAgeMs, now)]),
  );
  return {
    async lend(team, action) {
      const index = indexes.get(team);
      if (index === undefined) throw new RangeError(`There is no team "${team}"`);
      for (let tries = 1; ; tries++) {
        await expireOutdated(index);
        try {
          return await index.use(({ content }) => action(content));
        } catch (error) {
          // Nothing is sent before the verdict is there, so that the same question can be answered anew.
          if (!(error instanceof PinsChanged) || tries === mostTries) throw error;
        }
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...indexes.values()].map((index) => index[Symbol.asyncDispose]()));
    },
  };
}

async function expireOutdated(index: Renewed<TeamIndex>): Promise<void> {
  if (await index.use((current) => current.isOutdated())) index.expire();
}
