import { parseFilename } from "../distribution/filename.ts";
import { type SpecifierSet, satisfies } from "../distribution/specifier.ts";
import type { WantedFiles } from "../package-index/page.ts";
import type { Target } from "./select.ts";

/**
 * Which files of a page are worth reading, by their names. Of a release that has none of them, another file is; and of one
 * that is attested, an attested one: what releases there were, and which of them are attested, counts for later ones
 * (attestedBefore). Of some projects that is not one file in fifty.
 */

/** Wheels that fit the target. */
export function fittingWheels({ tags }: Target): WantedFiles {
  const taken = new Set(tags);
  const parts = tags.map((tag) => tag.split("-"));
  const known = [0, 1, 2].map((at) => new Set(parts.map((part) => part[at])));
  const fits = remembering(
    ({ tagSet = "" }: NameParts) => tagSet,
    ({ tagSet = "" }) => {
      const sets = tagSet.toLowerCase().split("-");
      if (sets.length !== 3 || sets.includes("")) throw new RangeError("A wheel has three sets of tags");
      // A name may stand for a thousand tags: only those are put together that can be one of ours.
      const [pythons = [], abis = [], platforms = []] = sets.map((set, at) =>
        [...new Set(set.split("."))].filter((part) => known[at]?.has(part)),
      );
      return pythons.some((python) =>
        abis.some((abi) => platforms.some((place) => taken.has(`${python}-${abi}-${place}`))),
      );
    },
  );
  return orForRelease((file) => file.tagSet !== undefined && fits(file));
}

/** All files of the versions that `specifiers` take. */
export function filesOfVersion(specifiers: SpecifierSet): WantedFiles {
  return orForRelease(
    remembering(
      ({ release, tagSet }) => `${release}${tagSet === undefined ? ".zip" : ".whl"}`,
      ({ filename }) => satisfies(specifiers, parseFilename(filename).version),
    ),
  );
}

/** A file name, cut up without looking into any part of it. */
interface NameParts {
  readonly filename: string;
  /** Name and version, of a wheel with its build tag. */
  readonly release: string;
  /** Compatibility tags; a source distribution has none. */
  readonly tagSet?: string;
}

function orForRelease(isWanted: (parts: NameParts) => boolean): WantedFiles {
  return (filenames, isAttested) => {
    const parts = filenames.map((filename) => (filename === undefined ? undefined : splitName(filename)));
    const wanted = parts.map((known) => known === undefined || isWanted(known));
    for (const files of releases(parts)) {
      const [first = 0] = files;
      if (!files.some((at) => wanted[at])) wanted[first] = true;
      const attested = files.some((at) => wanted[at] && isAttested(at)) ? undefined : files.find(isAttested);
      if (attested !== undefined) wanted[attested] = true;
    }
    return wanted;
  };
}

/** Places of files. Pages list those of a release one after the other; where one does not, more of them are read. */
function* releases(parts: readonly (NameParts | undefined)[]): Generator<readonly number[]> {
  let files: number[] = [];
  let latest: string | undefined;
  for (const [at, known] of parts.entries()) {
    if (known === undefined) continue;
    if (known.release !== latest && files.length > 0) {
      yield files;
      files = [];
    }
    latest = known.release;
    files.push(at);
  }
  if (files.length > 0) yield files;
}

function splitName(filename: string): NameParts {
  if (!filename.endsWith(".whl")) return { filename, release: filename.replace(/\.(?:tar\.gz|zip)$/, "") };
  const platformAt = filename.lastIndexOf("-");
  const abiAt = filename.lastIndexOf("-", platformAt - 1);
  const pythonAt = filename.lastIndexOf("-", abiAt - 1);
  return {
    filename,
    release: filename.slice(0, pythonAt),
    tagSet: filename.slice(pythonAt + 1, -".whl".length),
  };
}

/** Asks once for each key. What is not well formed is wanted: whoever reads the file says what is wrong with it. */
function remembering(
  keyOf: (parts: NameParts) => string,
  ask: (parts: NameParts) => boolean,
): (parts: NameParts) => boolean {
  const known = new Map<string, boolean>();
  return (parts) => {
    const key = keyOf(parts);
    const is = known.get(key) ?? orWhenMalformed(() => ask(parts));
    known.set(key, is);
    return is;
  };
}

function orWhenMalformed(ask: () => boolean): boolean {
  try {
    return ask();
  } catch {
    return true;
  }
}
