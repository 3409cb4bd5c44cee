import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";

/**
 * Every operation that changes the disk goes through one of these, so that a test can fail each of them. They are
 * synchronous: an install is thousands of small ones, and a promise for each would cost more than the operation.
 */
export interface Disk {
  /** The umask takes from `mode`. */
  makeDirectory(path: string, mode?: number): void;
  /** Creates a file that must not exist. The umask takes from `mode`. */
  create(path: string, mode: number): number;
  write(file: number, bytes: Uint8Array): void;
  close(file: number): void;
  /** Until the file's, or directory's, contents are on the disk. */
  sync(path: string): void;
  rename(from: string, to: string): void;
  /** Creates a symbolic link that must not exist. Its target, which may be any text, is there with it, at once. */
  createLink(target: string, path: string): void;
  removeFile(path: string): void;
  /** Of an empty directory. */
  removeDirectory(path: string): void;
}

export const realDisk: Disk = {
  makeDirectory: (path, mode) => void mkdirSync(path, { mode }),
  create: (path, mode) => openSync(path, "wx", mode),
  write(file, bytes) {
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
  },
  close: closeSync,
  sync(path) {
    const file = openSync(path, "r");
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  },
  rename: renameSync,
  createLink: (target, path) => symlinkSync(target, path),
  removeFile: unlinkSync,
  removeDirectory: (path) => rmdirSync(path),
};

/** Creates a file with these contents. */
export function writeWhole(disk: Disk, path: string, bytes: Uint8Array, mode = 0o666): void {
  const file = disk.create(path, mode);
  try {
    disk.write(file, bytes);
  } finally {
    disk.close(file);
  }
}
