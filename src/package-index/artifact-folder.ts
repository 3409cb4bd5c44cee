import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { EnvironmentError, messageOf } from "../errors.ts";

/** Makes a folder for one artifact, as two may have the same name. @throws EnvironmentError `cannot-write` */
export function makeArtifactFolder(directory: string): Promise<string> {
  return writing(directory, mkdtemp(join(directory, "artifact-")));
}

/** What writes at `path`. @throws EnvironmentError `cannot-write` */
export async function writing<T>(path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

export function cannotWrite(path: string, cause: unknown): EnvironmentError {
  return new EnvironmentError("cannot-write", `Cannot write "${path}": ${messageOf(cause)}`, { cause });
}
