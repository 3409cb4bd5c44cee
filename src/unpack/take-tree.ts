import { isHashAlgorithm } from "../distribution/digest.ts";
import type { Disk } from "./disk.ts";
import { type StoredTree, storedFiles, umaskSeen } from "./stored-tree.ts";
import { modeOf, pathsBelow, pathsIn, type UnpackedMember } from "./unpack-wheel.ts";

/**
 * Fills a new folder with a wheel that was unpacked before, without its archive: every file is compared with the hash that
 * its member has.
 * @returns whether all of them could be had; the folder is good for nothing if not
 */
export function takeTree(members: readonly UnpackedMember[], stored: StoredTree, folder: string, disk: Disk): boolean {
  const to = pathsIn(folder, disk);
  const from = pathsBelow(stored.folder);
  const umask = umaskSeen(folder);
  const files = storedFiles(stored, disk);
  return members.every((member) => {
    const { scheme, hash, size, isExecutable } = member;
    if (hash === undefined || !isHashAlgorithm(hash.algorithm)) return false;
    return files.take(from(member), {
      path: to(member),
      size,
      mode: modeOf(scheme, isExecutable) & ~umask,
      algorithm: hash.algorithm,
      digest: hash.digest.replace(/=+$/, ""),
    });
  });
}
