import { EnvironmentError, messageOf, TspipError } from "../errors.ts";

/** As messages name it. */
export type WrittenPlace = "the environment" | "the folder";

/**
 * Runs a step that writes while nothing of `place` has been changed yet.
 * @throws EnvironmentError `cannot-write` for what the disk throws
 */
export function writing<Result>(place: WrittenPlace, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    if (error instanceof TspipError) throw error;
    const message = `Cannot write to ${place}, nothing was changed: ${messageOf(error)}`;
    throw new EnvironmentError("cannot-write", message, { cause: error });
  }
}
