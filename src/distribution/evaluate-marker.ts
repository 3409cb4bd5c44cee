import {
  type Marker,
  type MarkerComparison,
  type MarkerEnvironment,
  type MarkerOperand,
  type MarkerOperator,
  specifierOf,
} from "./marker.ts";
import { extraName } from "./project-name.ts";
import { satisfies } from "./specifier.ts";
import { isVersion, parseVersion } from "./version.ts";

/** Whether `marker` holds in `environment`. */
export function evaluateMarker(marker: Marker, environment: MarkerEnvironment): boolean {
  switch (marker.kind) {
    case "and":
      return marker.terms.every((term) => evaluateMarker(term, environment));
    case "or":
      return marker.terms.some((term) => evaluateMarker(term, environment));
    case "comparison":
      return compares(marker, environment);
  }
}

/** Variables whose values are names of extras, compared in normal form (PEP 685). */
const namesExtras: ReadonlySet<string> = new Set(["extra", "extras", "dependency_groups"]);
/** Variables whose values are compared as versions; all others are text. */
const holdsVersion: ReadonlySet<string> = new Set([
  "implementation_version",
  "platform_release",
  "python_full_version",
  "python_version",
]);

function compares(comparison: MarkerComparison, environment: MarkerEnvironment): boolean {
  const { left, operator, right, specifier } = comparison;
  const isAbout = (names: ReadonlySet<string>) =>
    [left, right].some((operand) => operand.kind === "variable" && names.has(operand.name));
  const isAboutExtras = isAbout(namesExtras);
  const value = (operand: MarkerOperand) => {
    const found = operand.kind === "literal" ? operand.value : (environment[operand.name] ?? "");
    if (!isAboutExtras) return found;
    return typeof found === "string" ? extraName(found) : found.map(extraName);
  };
  const [has, wants] = [value(left), value(right)];
  if (typeof has !== "string") return false;
  if (operator === "in") return wants.includes(has);
  if (operator === "not in") return !wants.includes(has);
  if (typeof wants !== "string") return false;
  if (!isAbout(holdsVersion)) return comparesText(has, operator, wants);
  const versions = specifier ?? specifierOf(`${operator}${wants}`);
  if (versions === undefined) return comparesText(has, operator, wants);
  return isVersion(has) && satisfies(versions, parseVersion(has));
}

/** Text has no order: `<=` and `>=` hold for what is equal, `<` and `>` never. */
function comparesText(has: string, operator: Exclude<MarkerOperator, "in" | "not in">, wants: string): boolean {
  switch (operator) {
    case "==":
    case "<=":
    case ">=":
      return has === wants;
    case "!=":
      return has !== wants;
    case "===":
    case "<":
    case ">":
    case "~=":
      return false;
  }
}
