import { ArtifactError } from "../errors.ts";

/** Names that Windows keeps for devices, whatever the extension ("Naming Files, Paths, and Namespaces"). */
const reservedName =
  /^(?:con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$) *(?:\.|$)/i;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what we look for
const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/;

/** Bytes; PATH_MAX is 1024 on macOS and 4096 on Linux. Also bounds what comparing a path with others can cost. */
const longestPath = 1024;

/** Bytes, as all usual file systems have it. */
const longestName = 255;

/**
 * Refuses member names that are not a plain relative path on every system: what is safe where it is checked has to be
 * safe where it is unpacked.
 * @throws ArtifactError `archive-unsafe-path`
 */
export function checkMemberPath(path: string): void {
  const why = pathProblem(path);
  if (why !== undefined) throw new ArtifactError("archive-unsafe-path", `Member "${path.slice(0, 200)}" ${why}`);
}

/** What some check below may find fault with; nearly every path is short, and has nothing of it. */
const unusual =
  /[^ -~]|[\\:]|[. ](?:\/|$)|(?:^|\/)(?:\/|$|(?:con|prn|aux|nul|com.|lpt.|conin\$|conout\$) *(?:[./]|$))/i;

/** Why `path` is not a plain relative path on every system. */
export function pathProblem(path: string): string | undefined {
  if (path.length <= longestName && !unusual.test(path)) return undefined;
  if (Buffer.byteLength(path) > longestPath) return "has a longer path than systems allow";
  if (path.startsWith("/")) return "has an absolute path";
  const segments = (path.endsWith("/") ? path.slice(0, -1) : path).split("/");
  return segments.map(fileNameProblem).find((why) => why !== undefined);
}

/** Why `name` cannot be the name of one file or folder on every system. */
export function fileNameProblem(name: string): string | undefined {
  if (name === "") return "has an empty part in its path";
  if (name.includes("/")) return "has a slash in its name";
  if (name.includes("\\")) return "has a backslash in its name";
  if (name.includes(":")) return "has a colon in its name";
  if (controlCharacter.test(name)) return "has a control character in its name";
  if (name === "." || name === "..") return `has "${name}" in its path`;
  if (/[. ]$/.test(name)) return "has a part that ends in a dot or blank, which Windows drops";
  if (reservedName.test(name)) return "has a name that Windows reserves";
  return Buffer.byteLength(name) > longestName ? "has a part longer than file systems allow" : undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const ascii = /^[\u0000-\u007f]*$/;

/** Two names with one key are one file on some system: on those that fold case, or normalise Unicode. */
export function collisionKey(path: string): string {
  // Normalising and folding by way of upper case changes nothing else in ASCII, which nearly all paths are.
  if (ascii.test(path)) return path.toLowerCase();
  return path.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

/**
 * Finds a file that another path needs as a folder. Each folder is looked at once, however many paths lie in it.
 * @param files by their keys
 */
export function fileInTheWay<T>(files: ReadonlyMap<string, T>, keys: Iterable<string>): T | undefined {
  const passed = new Set([""]);
  for (const key of keys) {
    for (let folder = folderOf(key); !passed.has(folder); folder = folderOf(folder)) {
      const file = files.get(folder);
      if (file !== undefined) return file;
      passed.add(folder);
    }
  }
  return undefined;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
