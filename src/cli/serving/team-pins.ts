import { normalizeProjectName } from "../../distribution/project-name.ts";
import { EnvironmentError } from "../../errors.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import { type Pins, withPins } from "../../policy/pins.ts";
import type { Policy } from "../../policy/policy.ts";
import { pinFor } from "../../policy/unmet-continuity.ts";
import type { Database, TeamPin } from "../../service/database.ts";

/** What a team's `continuity` compares with: its pins files, and what the service has pinned since. */
export interface TeamPins {
  readonly policy: Policy;
  /** Whether something was pinned since, here or by another instance. */
  areOld(): Promise<boolean>;
  /**
   * Pins who signed an admitted file, where its rule says so.
   * @throws PinsChanged when it was compared with fewer pins than there are now
   */
  record(judged: Judged): Promise<void>;
}

/** Somebody was given another file of the project first: this one has to be judged again, by what is pinned now. */
export class PinsChanged extends EnvironmentError {
  constructor(project: string) {
    super("pins-changed", `Who signs "${project}" was pinned while it was judged; ask again`);
  }
}

/** Of a policy that compares with no pins nothing is asked. */
export async function openTeamPins(team: string, policy: Policy, database: Database): Promise<TeamPins> {
  const files = policy.pins;
  if (files === undefined) return { policy, areOld: async () => false, record: async () => {} };
  const pinned = await database.pins(team);
  const merged = [...files].map(([file, pins]): [string, Pins] => [file, withPins(toPins(pinned, file), flat(pins))]);
  return {
    policy: { ...policy, pins: new Map(merged) },
    areOld: async () => (await database.pinCount(team)) !== pinned.length,
    async record({ ref: { filename }, verdict }) {
      const rule = [policy.default, ...policy.rules].find(({ name }) => name === verdict.rule);
      if (verdict.decision !== "allow" || rule?.continuity === undefined) return;
      const pin = pinFor(rule, policy, { ...filename, filename: filename.text }, verdict.evidence);
      const file = rule.continuity.pins;
      const known = pinned.filter((one) => one.file === file && one.project === filename.name);
      if (pin === undefined || known.some((one) => one.filename === filename.text)) return;
      if (!(await database.pin(team, { ...pin, file }, known.length))) throw new PinsChanged(filename.name);
    },
  };
}

function toPins(pinned: readonly TeamPin[], file: string): Pins {
  const own = pinned.filter((pin) => pin.file === file);
  return withPins(
    new Map(),
    own.map((pin) => ({ ...pin, project: normalizeProjectName(pin.project) })),
  );
}

/** What a person has put into a pins file goes before what the service has seen. */
function flat(pins: Pins) {
  return [...pins].flatMap(([project, releases]) =>
    [...releases].flatMap(([version, files]) =>
      [...files].map(([filename, signers]) => ({ project, version, filename, signers })),
    ),
  );
}
