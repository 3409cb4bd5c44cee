import type { Policy } from "./policy.ts";

/** Whether the same evidence gives the same verdict at any time. */
export function isTimeless({ expires, rules, default: rule, exceptions }: Policy): boolean {
  const changes = [rule, ...rules].some(({ minAge, enforceAfter, summary }) =>
    [minAge, enforceAfter, summary?.maxAge].some((condition) => condition !== undefined),
  );
  return expires === undefined && exceptions.length === 0 && !changes;
}
