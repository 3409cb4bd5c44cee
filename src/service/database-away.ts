import { EnvironmentError } from "../errors.ts";

/** The database does not answer. Nothing that depends on it is done meanwhile: the service fails closed. */
export function databaseAway(message: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError("database-away", message, { cause });
}

export function isDatabaseAway(error: unknown): boolean {
  return error instanceof EnvironmentError && error.code === "database-away";
}
