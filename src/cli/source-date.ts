import { UsageError } from "../errors.ts";
import type { Host } from "./host.ts";

/** SOURCE_DATE_EPOCH (reproducible-builds.org): seconds since 1970. @throws UsageError when it is no such number */
export function sourceDate({ env }: Host): Date | undefined {
  const text = env.SOURCE_DATE_EPOCH;
  if (text === undefined || text === "") return undefined;
  if (!/^\d{1,12}$/.test(text))
    throw new UsageError("invalid-setting", `SOURCE_DATE_EPOCH: "${text}" is not a number of seconds`);
  return new Date(Number(text) * 1000);
}
