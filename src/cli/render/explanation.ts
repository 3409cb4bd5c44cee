import type { ConditionWords } from "../../policy/explain/condition-words.ts";
import type { ExplainedException, ExplainedRule, Explanation } from "../../policy/explain/explain.ts";
import type { KnownSubject } from "../../policy/explain/match-outcome.ts";
import { type Paint, printableJson, printableLine } from "../terminal.ts";
import { counted } from "./words.ts";

/** How a policy judges a project, with where its rules stand. */
export interface PlacedExplanation {
  readonly known: KnownSubject;
  readonly policy: { readonly source: string; readonly sha256: string };
  readonly explanation: Explanation;
  /** Of each rule; nothing for a `[default]` that is not written down. */
  readonly places: readonly (RulePlace | undefined)[];
}

export interface RulePlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export function renderExplanation({ known, policy, explanation, places }: PlacedExplanation, paint: Paint): string {
  const { floor, rules, unreached, exceptions } = explanation;
  const isOpen = rules.some(({ applies }) => applies === "depends");
  const lines = [
    printableLine(`${subjectWords(known)}, under policy "${policy.source}"`),
    "",
    paint("bold", "Rules, the first that fits applies"),
    ...rules.map((rule, at) => `  ${ruleLine(rule, places[at], isOpen, paint)}`),
    ...(unreached === 0 ? [] : [`  ${counted(unreached, "rule")} behind it: not looked at`]),
    ...section("The floor, whatever the rule; what is not met is refused", floor, paint),
    ...rules.flatMap(({ name, demands, applies }) => {
      if (demands === undefined) return [];
      const title = `${capitalized(ruleName(name))}${applies === "depends" ? ", where it applies" : ""}; ${demands.mode}`;
      return section(title, demands.conditions, paint);
    }),
    ...(exceptions.length === 0 ? [] : ["", paint("bold", "Exceptions"), ...exceptions.map(exceptionLine)]),
    ...(isOpen
      ? ["", `${paint("cyan", "hint:")} Give ==VERSION, --index or --relation to see which rule applies`]
      : []),
  ];
  return `${lines.join("\n")}\n`;
}

function subjectWords({ name, version, kind, index, relation }: KnownSubject): string {
  const file = kind === "wheel" ? "a wheel of" : "a source distribution of";
  const from = index === undefined ? "" : ` from ${index}`;
  const which = version === undefined ? "" : ` ${version.text}`;
  return `${capitalized(file)} ${name}${which}${from}${relation === undefined ? "" : `, ${relation}`}`;
}

function ruleLine(
  { name, applies, because }: ExplainedRule,
  place: RulePlace | undefined,
  isOpen: boolean,
  paint: Paint,
): string {
  const where = place === undefined ? "" : ` (${place.file}:${place.line})`;
  const words = {
    no: paint("dim", "does not fit"),
    depends: paint("yellow", "may fit"),
    yes: paint("green", isOpen ? "applies otherwise" : "applies"),
  };
  const reasons = because.length === 0 ? "" : `: it is for ${because.join(" and ")}`;
  return `${printableLine(ruleName(name) + where)} ${words[applies]}${printableLine(reasons)}`;
}

function section(title: string, conditions: readonly ConditionWords[], paint: Paint): string[] {
  return [
    "",
    paint("bold", printableLine(title)),
    ...conditions.flatMap(({ asks, satisfiedBy }) => [
      `  - ${printableLine(asks)}`,
      ...satisfiedBy.map((one) => paint("dim", `      ${printableLine(one)}`)),
    ]),
    ...(conditions.length === 0 ? ["  - nothing"] : []),
  ];
}

function exceptionLine({ id, waive, until, isExpired, reason, owner, applies, because }: ExplainedException): string {
  const when = isExpired ? `expired after ${until}` : `until ${until}`;
  const where = applies === "depends" ? `, where ${because.join(" and ")}` : "";
  return printableLine(`  - ${id} waives ${waive.join(", ")}${where}: ${when} (${reason}; ${owner})`);
}

function ruleName(name: string): string {
  return name === "default" ? "[default]" : name;
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** The same as JSON: docs/cli.md says what is in it. */
export function renderExplanationJson({ known, policy, explanation, places }: PlacedExplanation): string {
  const { name, version, kind, index, relation } = known;
  const document = {
    schema: "tspip-policy-explanation/1",
    policy,
    subject: { name, ...(version && { version: version.text }), kind, index, relation },
    floor: explanation.floor.map(conditionJson),
    rules: explanation.rules.map(({ name, applies, because, demands }, at) => ({
      name,
      place: places[at],
      applies,
      because,
      ...(demands && { mode: demands.mode, conditions: demands.conditions.map(conditionJson) }),
    })),
    unreached_rules: explanation.unreached,
    exceptions: explanation.exceptions.map(({ isExpired, ...exception }) => ({ ...exception, expired: isExpired })),
  };
  return printableJson(`${JSON.stringify(document, null, 2)}\n`);
}

function conditionJson({ asks, satisfiedBy }: ConditionWords) {
  return { asks, satisfied_by: satisfiedBy };
}
