import { globMatches } from "../distribution/glob.ts";
import type { SeenBuild } from "../verdict/evidence.ts";
import type { BuildCondition } from "./policy.ts";

/**
 * Why a build is not one that `wanted` takes, one line for each field that differs; empty when it is. What a provenance
 * does not say is not what was asked for.
 */
export function buildMismatches(build: SeenBuild | undefined, wanted: BuildCondition): readonly string[] {
  const { builder, buildType, parameters = {} } = wanted;
  return [
    ...mismatch("builder", build?.builderId, builder, globMatches),
    ...mismatch("build-type", build?.buildType, buildType, (text, has) => text === has),
    ...Object.entries(parameters).flatMap(([path, value]) => {
      const seen = Object.hasOwn(build?.parameters ?? {}, path) ? build?.parameters[path] : undefined;
      if (typeof value === "string" && typeof seen === "string" ? globMatches(value, seen) : seen === value) return [];
      return [`${path}: ${seenWords(seen)}, wanted is ${JSON.stringify(value)}`];
    }),
  ];
}

function mismatch(
  field: string,
  seen: string | undefined,
  wanted: readonly string[] | undefined,
  fits: (wants: string, has: string) => boolean,
): string[] {
  if (wanted === undefined || (seen !== undefined && wanted.some((one) => fits(one, seen)))) return [];
  return [`${field}: ${seenWords(seen)}, wanted is ${wanted.map((one) => JSON.stringify(one)).join(" or ")}`];
}

function seenWords(seen: string | number | boolean | undefined): string {
  return seen === undefined ? "the provenance names none" : `the provenance has ${JSON.stringify(seen)}`;
}
