import type { Policy } from "./policy.ts";

/** Whether the same evidence gives the same verdict at any time. */
export function isTimeless({ expires, rules, default: rule, exceptions }: Policy): boolean {
  const changes = [rule, ...rules].some(
    ({ minAge, enforceAfter }) => minAge !== undefined || enforceAfter !== undefined,
  );
  return expires === undefined && exceptions.length === 0 && !changes;
}
