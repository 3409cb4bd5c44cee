import { existsSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "./make-folder.ts";

/**
 * Why a folder is none to rely on: what others may write to, or put another in the place of, is no memory of ours. One
 * that is not there yet will be for its owner alone, where nobody else makes it first.
 * @param owner the user's number, where the system has any
 */
export function privacyProblem(directory: string, owner: number | undefined): string | undefined {
  try {
    const nearest = [directory, ...foldersAbove(directory)].find((folder) => existsSync(folder)) ?? directory;
    const own = realpathSync.native(nearest);
    const isAbove = nearest !== directory;
    const others = [own, ...foldersAbove(own)].find((folder) =>
      mayOthersChange(folder, owner, folder === own && !isAbove),
    );
    if (others === undefined) return undefined;
    return `The cache folder "${directory}" is not used: others may write to ${others === own && !isAbove ? "it" : `"${others}"`}`;
  } catch {
    return unusable(directory);
  }
}

/** Makes a folder, where it is not there. @returns why it is none to rely on */
export function makePrivateFolder(directory: string, owner: number | undefined): string | undefined {
  try {
    makeFolder(directory);
  } catch {
    return unusable(directory);
  }
  return privacyProblem(directory, owner);
}

function unusable(directory: string): string {
  return `The cache folder "${directory}" cannot be used`;
}

function foldersAbove(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [] : [above, ...foldersAbove(above)];
}

/** Groups of one user are common, so above the folder itself only everybody counts; the sticky bit keeps names in place. */
function mayOthersChange(folder: string, owner: number | undefined, isOwn: boolean): boolean {
  const state = statSync(folder);
  if (isOwn) return mayOthersWrite(state, owner);
  return isOfOthers(state, owner) || ((state.mode & 0o002) !== 0 && (state.mode & 0o1000) === 0);
}

type State = Pick<Stats, "mode" | "uid">;

/** Whether somebody besides the user, and root, may write to what has this state. @param owner as above */
export function mayOthersWrite(state: State, owner: number | undefined): boolean {
  return isOfOthers(state, owner) || (state.mode & 0o022) !== 0;
}

function isOfOthers({ uid }: State, owner: number | undefined): boolean {
  return owner !== undefined && uid !== owner && uid !== 0;
}
