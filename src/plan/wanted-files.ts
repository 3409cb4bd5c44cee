import { parseFilename } from "../distribution/filename.ts";
import { type SpecifierSet, satisfies } from "../distribution/specifier.ts";
import type { WantedFile } from "../package-index/page.ts";
import type { Target } from "./select.ts";

/**
 * Which files of a page are worth reading, by their names. Besides those, a file of each release is, and an attested one: what
 * releases there were, and which of them are attested, counts for later ones (attestedBefore). Of some projects that is
 * not one file in fifty.
 */

/** Wheels that fit the target. */
export function fittingWheels({ tags }: Target): WantedFile {
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
export function filesOfVersion(specifiers: SpecifierSet): WantedFile {
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

/** Pages list the files of a release one after the other; where one does not, more of them are read. */
function orForRelease(isWanted: (parts: NameParts) => boolean): WantedFile {
  let latest: string | undefined;
  let isLatestAttested = false;
  return (filename, isAttested) => {
    const parts = splitName(filename);
    const isFirst = parts.release !== latest;
    if (isFirst) isLatestAttested = false;
    latest = parts.release;
    if (isWanted(parts)) return true;
    const tellsMore = !isLatestAttested && isAttested();
    isLatestAttested ||= tellsMore;
    return isFirst || tellsMore;
  };
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
