import { dirname, join, sep } from "node:path";
import { isHashAlgorithm } from "../distribution/digest.ts";
import type { Disk } from "./disk.ts";
import { type StoredTree, storedFiles, umaskSeen } from "./stored-tree.ts";
import { folderMaker, modeOf, type UnpackedMember } from "./unpack-wheel.ts";

/**
 * Fills a new folder with a wheel that was unpacked before, without its archive: every file is compared with the hash that
 * its member has.
 * @returns whether all of them could be had; the folder is good for nothing if not
 */
export function takeTree(members: readonly UnpackedMember[], stored: StoredTree, folder: string, disk: Disk): boolean {
  const makeFolder = folderMaker(disk, dirname(folder));
  makeFolder(folder);
  const umask = umaskSeen(folder);
  const files = storedFiles(stored, disk);
  // Members of one folder mostly come one after the other.
  let [last, from, to] = ["", "", ""];
  return members.every(({ scheme, path, hash, size, isExecutable }) => {
    const member = `${scheme}/${path}`;
    const end = member.lastIndexOf("/");
    const inside = member.slice(0, end);
    if (inside !== last) {
      [last, from, to] = [inside, join(stored.folder, inside), join(folder, inside)];
      makeFolder(to);
    }
    if (hash === undefined || !isHashAlgorithm(hash.algorithm)) return false;
    const name = sep + member.slice(end + 1);
    return files.take(from + name, {
      path: to + name,
      size,
      mode: modeOf(scheme, isExecutable) & ~umask,
      algorithm: hash.algorithm,
      digest: hash.digest.replace(/=+$/, ""),
    });
  });
}
