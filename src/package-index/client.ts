import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import { parseFilename } from "../distribution/filename.ts";
import type { ProjectName } from "../distribution/project-name.ts";
import { compareVersions, type Version } from "../distribution/version.ts";
import { IndexError } from "../errors.ts";
import { attestedBefore } from "./attested-before.ts";
import { readCoreMetadata, type WithoutParts } from "./core-metadata.ts";
import { readDetachedSignatures } from "./detached-signatures.ts";
import { getDocument } from "./document.ts";
import { type DownloadHooks, download, type PrivateFolder, type StoredBytes } from "./download.ts";
import { readLinks } from "./find-links.ts";
import { indexesFor, type MappedIndex } from "./index-map.ts";
import type { InPlace } from "./local-file.ts";
import type { ProjectPage, WantedFiles } from "./page.ts";
import { getProjectPage, type UnreadPage } from "./project-page.ts";
import type { ProvenanceAnswer } from "./provenance-answer.ts";
import type { Room } from "./room.ts";
import type { Transport } from "./transport.ts";
import { shown } from "./url.ts";

/** What tspip asks of package indexes: files of a project, provenance of a file, bytes of a file. */
export interface IndexClient {
  /**
   * What is offered of a project: every `--find-links` place, then the first index that knows the project. Versions
   * of several indexes are never merged: a name belongs to one index.
   * @param index the one index to ask instead, as a lock file names it
   * @throws IndexError when a place cannot be asked
   */
  files(name: ProjectName, index?: URL): Promise<readonly ProjectPage[]>;
  /** Asks for the page that `wantedFiles` and `files` read, so that it is on its way. They say what failed. */
  askAhead(name: ProjectName): void;
  /**
   * Those of `files` that are wanted; pages of links are read whole. Whoever asks for all of them later does not ask the
   * index again.
   * @throws IndexError when a place cannot be asked
   */
  wantedFiles(name: ProjectName, areWanted: WantedFiles): Promise<readonly ProjectPage[]>;
  /**
   * The one page that `files` would read; nothing where it would read several, or no index knows the project.
   * @throws IndexError
   */
  onlyPage(name: ProjectName): Promise<UnreadPage | undefined>;
  /** The files of one version among them, with what earlier ones had that it may lack. @throws IndexError */
  release(name: ProjectName, version: Version, index?: URL): Promise<readonly ArtifactRef[]>;
  provenance(ref: ArtifactRef): Promise<ProvenanceAnswer>;
  /** The attestations at an address that the policy names. */
  attestationsAt(url: URL): Promise<ProvenanceAnswer>;
  /** Signatures by keys over a remote file, in a document beside it. */
  signatures(ref: ArtifactRef): Promise<ProvenanceAnswer>;
  /**
   * The core metadata of a wheel; nothing where it takes the whole file to know it.
   * @param hooks for the file, should a part of it be read
   * @throws IndexError when it cannot be had, or is not what the index promised
   */
  coreMetadata(ref: ArtifactRef, hooks?: Pick<DownloadHooks, "beforeHop">): Promise<Buffer | undefined>;
  /** @throws IndexError, ArtifactError, EnvironmentError */
  download(ref: ArtifactRef, privateFolder: PrivateFolder, hooks?: DownloadHooks): Promise<Artifact>;
}

export interface IndexClientOptions {
  readonly transport: Transport;
  /** In the order in which they are asked. */
  readonly indexes: readonly URL[];
  /** Indexes that certain projects belong to. */
  readonly mapped?: readonly MappedIndex[];
  /** Folders, HTML files and pages of links. */
  readonly findLinks: readonly URL[];
  readonly warn: (message: string) => void;
  readonly stored?: StoredBytes | undefined;
  /** Given where what is read after it was judged is read through `Artifact.bytes`. */
  readonly inPlace?: InPlace | undefined;
  /** Given where downloads are neither kept nor passed on while they come. */
  readonly room?: Room | undefined;
}

const acceptedProvenance = "application/vnd.pypi.integrity.v1+json, application/json;q=0.5";
const maxProvenanceBytes = 16 << 20;

export function createIndexClient({
  transport,
  indexes,
  mapped = [],
  findLinks,
  warn,
  stored,
  inPlace,
  room,
}: IndexClientOptions): IndexClient {
  const pages = new Map<string, Promise<readonly ProjectPage[]>>();
  /** Pages that were asked for ahead, or read in part. */
  const kept = new Map<ProjectName, Promise<UnreadPage | undefined>>();
  /** A page may be read twice. */
  const warned = new Set<string>();
  const withoutParts: WithoutParts = new Set();
  let links: Promise<readonly ProjectPage[]> | undefined;
  const files = (name: ProjectName, index?: URL) => {
    const key = pageKey(name, index);
    const known = pages.get(key);
    if (known !== undefined) return known;
    const asked = index === undefined ? askAll(name) : askOne(index, name);
    pages.set(key, asked);
    // What an index could not say it may say next time.
    asked.catch(() => pages.delete(key));
    return asked;
  };
  return {
    files,
    // Who reads it is told what failed.
    askAhead: (name) => void keptPage(name).catch(() => {}),
    wantedFiles: async (name, areWanted) => {
      const whole = pages.get(pageKey(name, undefined));
      if (whole !== undefined) return whole;
      const [indexed, linked] = await Promise.all([readable(keptPage(name), name), linkedFiles(name)]);
      return indexed === undefined ? linked : [withWarnings(indexed.read(areWanted)), ...linked];
    },
    onlyPage: async (name) => {
      const linked = await linkedFiles(name);
      return linked.every(({ files }) => files.length === 0) ? firstIndexWith(name) : undefined;
    },
    release,
    provenance,
    attestationsAt: (url) => orUnavailable(() => getAttestations(url, transport)),
    signatures: (ref) => readDetachedSignatures(ref, transport),
    coreMetadata: (ref, hooks) => readCoreMetadata(ref, transport, withoutParts, hooks),
    download: (ref, privateFolder, hooks) =>
      download(ref, privateFolder, transport, {
        ...hooks,
        inPlace,
        room,
        ...(stored && { stored: watched(stored, ref) }),
      }),
  };

  function watched({ find, take, discard }: StoredBytes, { filename }: ArtifactRef): StoredBytes {
    return {
      find,
      take,
      discard: (sha256) => {
        warn(`"${filename.text}" in the cache is not what was kept there: it is fetched again`);
        return discard(sha256);
      },
    };
  }

  async function release(name: ProjectName, version: Version, index?: URL): Promise<readonly ArtifactRef[]> {
    const offered = (await files(name, index)).flatMap((page) => page.files);
    const released = offered.filter(({ filename }) => compareVersions(filename.version, version) === 0);
    // All files of one release come after the same ones.
    const [first] = released;
    const earlier = first && attestedBefore(first, offered);
    return earlier === undefined ? released : released.map((ref) => ({ ...ref, attestedBefore: earlier }));
  }

  async function askAll(name: ProjectName): Promise<readonly ProjectPage[]> {
    const asked = readable(kept.get(name) ?? firstIndexWith(name), name);
    const [indexed, linked] = await Promise.all([asked, linkedFiles(name)]);
    if (indexed === undefined) return linked;
    const page = withWarnings(indexed.read());
    // Whoever asks this index alone gets the same page.
    pages.set(pageKey(name, indexed.index), Promise.resolve([page]));
    return [page, ...linked];
  }

  function keptPage(name: ProjectName): Promise<UnreadPage | undefined> {
    const known = kept.get(name);
    if (known !== undefined) return known;
    const page = firstIndexWith(name);
    kept.set(name, page);
    return page;
  }

  /** For whoever is told what failed: what an index could not say it may say next time. */
  async function readable<T>(page: Promise<T>, name: ProjectName): Promise<T> {
    try {
      return await page;
    } catch (error) {
      kept.delete(name);
      throw error;
    }
  }

  async function linkedFiles(name: ProjectName): Promise<readonly ProjectPage[]> {
    links ??= Promise.all(findLinks.map((place) => readLinks(place, transport))).then((found) =>
      found.map(withWarnings),
    );
    return (await links).map((page) => ({
      ...page,
      files: page.files.filter(({ filename }) => filename.name === name),
    }));
  }

  async function askOne(index: URL, name: ProjectName): Promise<readonly ProjectPage[]> {
    const known = await kept.get(name)?.catch(() => undefined);
    const page = known?.index.href === index.href ? known : await getProjectPage(index, name, transport);
    return page === undefined ? [] : [withWarnings(page.read())];
  }

  function withWarnings(page: ProjectPage): ProjectPage {
    for (const warning of page.warnings.filter((text) => !warned.has(text))) warn(warning);
    for (const warning of page.warnings) warned.add(warning);
    return page;
  }

  async function firstIndexWith(name: ProjectName): Promise<UnreadPage | undefined> {
    for (const index of indexesFor(name, mapped, indexes)) {
      const page = await getProjectPage(index, name, transport);
      if (page !== undefined) return page;
    }
    return undefined;
  }

  function provenance(ref: ArtifactRef): Promise<ProvenanceAnswer> {
    return orUnavailable(async () => {
      const link = ref.provenance === "unasked" ? await askForLink(ref) : ref.provenance;
      return link instanceof URL ? readProvenance(link, ref, transport) : { state: link };
    });
  }

  /** The reference is from a lock file, which has no provenance links: the index it names is asked. */
  async function askForLink({ source, filename }: ArtifactRef): Promise<URL | "none" | "unknown"> {
    if (source.kind !== "index") return "unknown";
    const offered = await release(filename.name, filename.version, source.url);
    const link = offered.find((file) => file.filename.text === filename.text)?.provenance;
    return link === undefined || link === "unasked" ? "unknown" : link;
  }
}

function pageKey(name: ProjectName, index: URL | undefined): string {
  return `${name} ${index?.href ?? ""}`;
}

async function orUnavailable(ask: () => Promise<ProvenanceAnswer>): Promise<ProvenanceAnswer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof IndexError)) throw error;
    return { state: "unavailable", reason: error.message };
  }
}

async function readProvenance(url: URL, { source }: ArtifactRef, transport: Transport): Promise<ProvenanceAnswer> {
  if (url.protocol !== "https:" && source.kind !== "direct" && source.url.protocol === "https:")
    return { state: "unavailable", reason: `the index links to ${shown(url)}, which is not https:` };
  return getAttestations(url, transport);
}

/** PyPA, index hosted attestations: 404 says that there is none, 403 that the index does not give it away. */
async function getAttestations(url: URL, transport: Transport): Promise<ProvenanceAnswer> {
  const options = { accept: acceptedProvenance, maxBytes: maxProvenanceBytes };
  const { status, bytes } = await getDocument(url, options, transport);
  switch (status) {
    case 200:
      return { state: "found", bytes, url };
    case 403:
      return { state: "refused" };
    case 404:
      return { state: "none" };
    default:
      return { state: "unavailable", reason: `${shown(url)} answers with HTTP status ${status}` };
  }
}

/** A reference for an artifact that the user named by path. @throws ArtifactError `invalid-filename` */
export function localRef(path: string): ArtifactRef {
  return {
    filename: parseFilename(basename(path)),
    url: pathToFileURL(path),
    digests: {},
    source: { kind: "direct" },
    provenance: "unknown",
  };
}
