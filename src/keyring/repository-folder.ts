import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EnvironmentError, messageOf } from "../errors.ts";
import { makeFolder } from "../memory/make-folder.ts";

/** The files of a repository. Names are relative to its folder. */
export interface RepositoryFolder {
  /** Nothing when there is none. @throws EnvironmentError */
  read(name: string): Promise<Buffer | undefined>;
  /** In one step. @throws EnvironmentError */
  write(name: string, bytes: Uint8Array | string): Promise<void>;
  remove(name: string): Promise<void>;
  names(): Promise<readonly string[]>;
}

export function repositoryFolder(path: string): RepositoryFolder {
  return {
    async read(name) {
      try {
        return await readFile(join(path, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw new EnvironmentError("cannot-read", `Cannot read "${join(path, name)}": ${messageOf(error)}`);
      }
    },
    async write(name, bytes) {
      const target = join(path, name);
      try {
        makeFolder(dirname(target), 0o777);
        await writeFile(`${target}.new`, bytes);
        await rename(`${target}.new`, target);
      } catch (error) {
        throw new EnvironmentError("cannot-write", `Cannot write "${target}": ${messageOf(error)}`, { cause: error });
      }
    },
    remove: (name) => rm(join(path, name), { recursive: true, force: true }),
    names: () => readdir(path).catch(() => []),
  };
}

/** The highest N among files `N.NAME`; 0 when there is none. */
export async function highestVersion(folder: RepositoryFolder, name: string): Promise<number> {
  const versions = (await folder.names()).flatMap((file) => {
    const [number, ...rest] = file.split(".");
    return rest.join(".") === name && /^[1-9]\d{0,8}$/.test(number ?? "") ? [Number(number)] : [];
  });
  return Math.max(0, ...versions);
}
