import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ArtifactSource } from "../distribution/artifact.ts";
import { messageOf } from "../errors.ts";
import { toRef } from "./listed-file.ts";
import { type ProjectPage, pageOf } from "./page.ts";
import { readLinkPage } from "./project-page.ts";
import { parseSimpleHtml } from "./simple-html.ts";
import type { Transport } from "./transport.ts";

/**
 * What a `--find-links` place has, of whichever project: a folder's files, or the links of a page. A local place that
 * is not there is a warning, as it is in pip.
 * @throws IndexError when a page on the net cannot be had
 */
export async function readLinks(place: URL, transport: Transport): Promise<ProjectPage> {
  return place.protocol === "file:" ? await readLocalLinks(place) : await readLinkPage(place, transport);
}

async function readLocalLinks(place: URL): Promise<ProjectPage> {
  const source: ArtifactSource = { kind: "find-links", url: place };
  try {
    const path = fileURLToPath(place);
    const found = await stat(path);
    if (found.isFile()) return parseSimpleHtml(await readFile(path, "utf8"), place, source);
    // A pipe would keep us waiting, and a device may never end.
    if (!found.isDirectory()) throw new Error("it is neither a file nor a folder");
    const names = (await readdir(path)).filter((file) => /\.(?:whl|zip|tar\.gz)$/.test(file)).sort();
    return pageOf(names.map((file) => toRef(localFile(join(path, file)), source, undefined)));
  } catch (error) {
    return pageOf([], [`Cannot look in --find-links "${place.pathname}": ${messageOf(error)}`]);
  }
}

function localFile(path: string) {
  return { filename: basename(path), url: pathToFileURL(path), hashes: {}, provenance: "unknown" } as const;
}
