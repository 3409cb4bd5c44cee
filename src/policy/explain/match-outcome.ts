import { globMatches } from "../../distribution/glob.ts";
import type { ProjectName } from "../../distribution/project-name.ts";
import { satisfies } from "../../distribution/specifier.ts";
import type { Version } from "../../distribution/version.ts";
import { indexAddress } from "../match.ts";
import type { ArtifactKind, Relation, RuleMatch } from "../policy.ts";

/** What somebody who asks about a project has said of its files; what is absent may be any. */
export interface KnownSubject {
  readonly name: ProjectName;
  readonly version?: Version;
  readonly kind: ArtifactKind;
  readonly index?: string;
  readonly relation?: Relation;
}

/** Whether a match fits, and which of its fields say so, or would have to. */
export interface MatchOutcome {
  readonly applies: "yes" | "no" | "depends";
  readonly because: readonly string[];
}

/** As `matches`, for a file of which not everything is known. */
export function matchOutcome(match: RuleMatch, known: KnownSubject): MatchOutcome {
  const { name, version, index, kind, relation } = match;
  const fields: (MatchOutcome | undefined)[] = [
    name === undefined ? undefined : outcome(globMatches(name, known.name), "name", name),
    kind === undefined ? undefined : outcome(kind === known.kind, "kind", kind),
    version && outcome(known.version && satisfies(version, known.version), "version", version.text),
    index === undefined ? undefined : outcome(known.index && index === indexAddress(known.index), "index", index),
    relation && outcome(known.relation && relation === known.relation, "relation", relation),
  ];
  const present = fields.filter((field) => field !== undefined);
  const applies = (["no", "depends", "yes"] as const).find((each) => present.some((field) => field.applies === each));
  const because = present.filter((field) => field.applies === applies).flatMap((field) => field.because);
  return { applies: applies ?? "yes", because };
}

/** @param fits not there when the field of the file is not known */
function outcome(fits: boolean | "" | undefined, field: string, wanted: string): MatchOutcome {
  const applies = fits === true ? "yes" : fits === false ? "no" : "depends";
  return { applies, because: [`${field} = "${wanted}"`] };
}
