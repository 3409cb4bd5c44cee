import { type Stats, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { PinnedDigest } from "../../distribution/artifact.ts";
import { lastSegment } from "../../distribution/filename.ts";
import { parseRequirement } from "../../distribution/requirement.ts";
import { messageOf, UsageError } from "../../errors.ts";
import { localRef } from "../../package-index/client.ts";
import { fragmentPins } from "../../plan/direct.ts";
import type { RequestedFile, RequestedRequirement } from "../../plan/plan-request.ts";
import { isLocation } from "../../plan/requirements-file.ts";
import type { Host } from "../host.ts";

/** One thing asked for: a requirement, or an artifact. */
export interface Asked {
  readonly requirement?: RequestedRequirement;
  readonly file?: RequestedFile;
}

/** An argument: a file, a folder of artifacts, or a requirement. */
export async function readWord(word: string, host: Host): Promise<Asked[]> {
  const path = resolve(host.cwd, word);
  const found = statusOf(path);
  if (found?.isDirectory() && isFolderName(word)) {
    const names = (await readdir(path)).filter((name) => /\.(?:whl|tar\.gz|zip)$/.test(name)).sort();
    if (names.length === 0)
      throw new UsageError("nothing-asked", `There is no wheel or source distribution in "${word}"`);
    return names.map((name) => ({ file: localFile(join(path, name), [], join(word, name)) }));
  }
  if (found?.isDirectory() && (await holdsArtifacts(path))) {
    throw new UsageError(
      "ambiguous-word",
      `"${word}" may be the project or the folder of that name, which holds wheels`,
      {
        hint: `Write ./${word} for the folder; for the project, go to another folder or give -r FILE`,
      },
    );
  }
  if (found?.isFile()) return [{ file: localFile(path, [], word) }];
  if (isLocation(word)) return [locate(word, host.cwd, [], "argument")];
  return [{ requirement: { requirement: parseRequirement(word), pins: [], place: "argument" } }];
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

async function holdsArtifacts(folder: string): Promise<boolean> {
  return (await readdir(folder)).some((name) => /\.(?:whl|tar\.gz)$/.test(name));
}

/** `requests` is a project even where there is a folder of that name; `./requests` and `dist/` are folders. */
function isFolderName(word: string): boolean {
  return word.includes("/") || word === "." || word === ".." || isAbsolute(word);
}

function localFile(path: string, pins: readonly PinnedDigest[], place: string): RequestedFile {
  const ref = localRef(path);
  return { ref: pins.length === 0 ? ref : { ...ref, pins }, extras: [], place };
}

/** A path or URL without a project's name before it. */
export function locate(location: string, folder: string, pins: readonly PinnedDigest[], place: string): Asked {
  if (/^https?:/i.test(location)) {
    const url = URL.parse(location) ?? unusableLocation(location, place, "it is no URL");
    const name = lastSegment(url).split("-")[0] ?? "";
    return { requirement: { requirement: parseRequirement(`${name} @ ${location}`), pins, place } };
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(location) && !location.startsWith("file:")) {
    throw new UsageError("unsupported-url", `${place}: tspip does not install from "${location}"`);
  }
  if (!location.startsWith("file:")) return { file: localFile(resolve(folder, location), pins, place) };
  const url = URL.parse(location) ?? unusableLocation(location, place, "it is no URL");
  return { file: localFile(pathOfUrl(url, location, place), [...pins, ...fragmentPins(url, place)], place) };
}

function pathOfUrl(url: URL, location: string, place: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    return unusableLocation(location, place, messageOf(error));
  }
}

function unusableLocation(location: string, place: string, why: string): never {
  throw new UsageError("invalid-url", `${place}: "${location}" names no file: ${why}`);
}
