import { globMatches } from "../distribution/glob.ts";
import { satisfies } from "../distribution/specifier.ts";
import type { Policy, PolicyRule, PolicySubject, RuleMatch } from "./policy.ts";

/** The first rule of the file that matches, else `[default]`. */
export function ruleFor(policy: Policy, subject: PolicySubject): PolicyRule {
  return policy.rules.find(({ match }) => matches(match, subject)) ?? policy.default;
}

/** Whether every field that is there holds. */
export function matches({ name, version, index, kind, relation }: RuleMatch, subject: PolicySubject): boolean {
  return (
    (kind === undefined || kind === subject.kind) &&
    (relation === undefined || relation === subject.relation) &&
    (index === undefined || (subject.index !== undefined && index === indexAddress(subject.index))) &&
    (name === undefined || globMatches(name, subject.name)) &&
    // A rule about 2.* is about its pre-releases too: leaving them out would leave them to a weaker rule.
    (version === undefined || satisfies(version, subject.version))
  );
}

/** One spelling for each index: PEP 503 pages end in a slash, and credentials do not make another index. */
export function indexAddress(text: string): string {
  const url = URL.parse(text);
  if (url === null) return text;
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url.href;
}
