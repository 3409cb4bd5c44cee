import { quotation, UsageError } from "../errors.ts";
import { parseSpecifierSet, type SpecifierSet } from "./specifier.ts";

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

/** A version specifier; nothing where it is none. */
export function specifierOf(text: string): SpecifierSet | undefined {
  try {
    return parseSpecifierSet(text);
  } catch {
    return undefined;
  }
}
