import type { Policy } from "./policy.ts";

/** Whether the same evidence gives the same verdict at any time. */
export function isTimeless({ expires, rules, default: rule, exceptions }: Policy): boolean {
  // Summaries count from when they were made, and for as long as the rule says.
  const changes = [rule, ...rules].some(({ minAge, enforceAfter, summary }) =>
    [minAge, enforceAfter, summary].some((condition) => condition !== undefined),
  );
  return expires === undefined && exceptions.length === 0 && !changes;
}
