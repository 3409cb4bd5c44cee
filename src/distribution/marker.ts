import { quotation, UsageError } from "../errors.ts";
import { isProjectName, normalizeProjectName } from "./project-name.ts";
import { parseSpecifierSet, type SpecifierSet, satisfies } from "./specifier.ts";
import { isVersion, parseVersion } from "./version.ts";

/** The variables of environment markers (PyPA: dependency specifiers, formerly PEP 508), and their values. */
export interface MarkerEnvironment {
  readonly os_name: string;
  readonly sys_platform: string;
  readonly platform_machine: string;
  readonly platform_python_implementation: string;
  readonly platform_release: string;
  readonly platform_system: string;
  readonly platform_version: string;
  readonly python_version: string;
  readonly python_full_version: string;
  readonly implementation_name: string;
  readonly implementation_version: string;
  /** The one extra in question; empty when none is. */
  readonly extra?: string;
  /** Extras and dependency groups asked for together: only in lock files (PEP 751). */
  readonly extras?: readonly string[];
  readonly dependency_groups?: readonly string[];
}

export type MarkerVariable = keyof MarkerEnvironment;

/** A parsed marker. */
export type Marker = { readonly kind: "and" | "or"; readonly terms: readonly Marker[] } | MarkerComparison;

export interface MarkerComparison {
  readonly kind: "comparison";
  readonly left: MarkerOperand;
  readonly operator: MarkerOperator;
  readonly right: MarkerOperand;
  /** Operator and right side, where they make a version specifier whatever the environment. */
  readonly specifier?: SpecifierSet;
}

export type MarkerOperand =
  | { readonly kind: "variable"; readonly name: MarkerVariable }
  | { readonly kind: "literal"; readonly value: string };

const operators = ["===", "==", "~=", "!=", "<=", ">=", "<", ">", "in", "not in"] as const;
export type MarkerOperator = (typeof operators)[number];

const variables: Readonly<Record<string, MarkerVariable>> = {
  os_name: "os_name",
  sys_platform: "sys_platform",
  platform_machine: "platform_machine",
  platform_python_implementation: "platform_python_implementation",
  platform_release: "platform_release",
  platform_system: "platform_system",
  platform_version: "platform_version",
  python_version: "python_version",
  python_full_version: "python_full_version",
  implementation_name: "implementation_name",
  implementation_version: "implementation_version",
  extra: "extra",
  extras: "extras",
  dependency_groups: "dependency_groups",
  // Names of setuptools' own, which old metadata still has.
  "os.name": "os_name",
  "sys.platform": "sys_platform",
  "platform.version": "platform_version",
  "platform.machine": "platform_machine",
  "platform.python_implementation": "platform_python_implementation",
  python_implementation: "platform_python_implementation",
};

/** Parentheses inside each other; real markers have two or three. */
const maxDepth = 32;

/**
 * Parses an environment marker.
 * @throws UsageError `invalid-marker`
 */
export function parseMarker(text: string): Marker {
  const tokens = tokenize(text);
  let at = 0;

  const marker = or(0);
  if (at < tokens.length) throw invalid(text);
  return marker;

  function or(depth: number): Marker {
    return joined("or", () => and(depth));
  }
  function and(depth: number): Marker {
    return joined("and", () => term(depth));
  }
  function joined(kind: "and" | "or", next: () => Marker): Marker {
    const terms = [next()];
    while (takes(kind)) terms.push(next());
    return terms.length === 1 && terms[0] !== undefined ? terms[0] : { kind, terms };
  }
  function term(depth: number): Marker {
    if (depth > maxDepth) throw invalid(text);
    if (!takes("(")) return comparison();
    const inner = or(depth + 1);
    if (!takes(")")) throw invalid(text);
    return inner;
  }
  function comparison(): Marker {
    const left = operand();
    const operator = operators.find((known) => takes(known));
    if (operator === undefined) throw invalid(text);
    const right = operand();
    const specifier = right.kind === "literal" ? specifierOf(`${operator}${right.value}`) : undefined;
    return { kind: "comparison", left, operator, right, ...(specifier && { specifier }) };
  }
  function operand(): MarkerOperand {
    const token = tokens[at++] ?? "";
    if (token.startsWith('"') || token.startsWith("'")) return { kind: "literal", value: token.slice(1, -1) };
    const name = Object.hasOwn(variables, token) ? variables[token] : undefined;
    if (name === undefined) throw invalid(text);
    return { kind: "variable", name };
  }
  function takes(token: string): boolean {
    if (tokens[at] !== token) return false;
    at++;
    return true;
  }
}

const tokenPattern =
  /\s*(?:(?<not>not\s+in\b)|(?<token>"[^"]*"|'[^']*'|===|==|~=|!=|<=|>=|<|>|\(|\)|[A-Za-z_][\w.]*))/y;

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  const source = text.trimEnd();
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < source.length) {
    const groups = tokenPattern.exec(source)?.groups;
    if (groups === undefined) throw invalid(text);
    tokens.push(groups.token ?? "not in");
  }
  return tokens;
}

function invalid(text: string): UsageError {
  return new UsageError("invalid-marker", `"${quotation(text.trim())}" is not an environment marker (PEP 508)`);
}

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

/** An extra in normal form; what is no name at all is compared as it is. */
export function extraName(text: string): string {
  return isProjectName(text) ? normalizeProjectName(text) : text;
}

function specifierOf(text: string): SpecifierSet | undefined {
  try {
    return parseSpecifierSet(text);
  } catch {
    return undefined;
  }
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

/**
 * What of a marker is about extras: it holds for an extra where the marker can hold in some environment. Nothing where the
 * marker can hold without any.
 */
export function withoutEnvironment(marker: Marker): Marker | undefined {
  if (marker.kind === "comparison") {
    const isOfExtra = [marker.left, marker.right].some((side) => side.kind === "variable" && side.name === "extra");
    return isOfExtra ? marker : undefined;
  }
  const terms = marker.terms.map(withoutEnvironment);
  const left = terms.filter((term) => term !== undefined);
  if (left.length === 0 || (marker.kind === "or" && left.length < terms.length)) return undefined;
  return { kind: marker.kind, terms: left };
}
