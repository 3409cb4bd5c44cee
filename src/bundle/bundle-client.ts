import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Artifact, ArtifactRef } from "../distribution/artifact.ts";
import { compareVersions } from "../distribution/version.ts";
import { ArtifactError, UsageError } from "../errors.ts";
import { growingFile } from "../package-index/arriving.ts";
import { makeArtifactFolder, writing } from "../package-index/artifact-folder.ts";
import type { IndexClient } from "../package-index/client.ts";
import type { DownloadHooks } from "../package-index/download.ts";
import { heldOpen } from "../package-index/held-open.ts";
import { pageOf } from "../package-index/page.ts";
import { startDigests } from "../package-index/running-digests.ts";
import { shown } from "../package-index/url.ts";
import { release } from "../wheel/inflate.ts";
import { artifactMember, type BundledArtifact } from "./manifest.ts";
import type { Bundle } from "./open-bundle.ts";

/**
 * A bundle in the place of all indexes: it offers its artifacts as their indexes did when it was made, and nothing else.
 * Documents that vouch for them are no business of it: they lie in a folder of the bundle.
 * @param path of the bundle's file
 * @param isTrusted whether the maker's word for what indexes said is taken; else the artifacts are files that lie around
 */
export function bundleClient(bundle: Bundle, path: string, isTrusted: boolean): IndexClient {
  const place = pathToFileURL(path);
  const offered = bundle.manifest.artifacts.map((artifact) => ({ artifact, ref: refOf(artifact) }));
  const refs = offered.map(({ ref }) => ref);
  const ofProject = (name: string) => refs.filter(({ filename }) => filename.name === name);
  return {
    onlyPage: async () => undefined,
    files: async (name) => [pageOf(ofProject(name))],
    askAhead: () => {},
    wantedFiles: async (name) => [pageOf(ofProject(name))],
    release: async (name, version) =>
      ofProject(name).filter(({ filename }) => compareVersions(filename.version, version) === 0),
    provenance: async () => ({ state: "unknown" }),
    attestationsAt: async () => ({ state: "unknown" }),
    signatures: async () => ({ state: "unknown" }),
    coreMetadata: async () => undefined,
    async download(ref, privateFolder, hooks) {
      const artifact = offered.find((one) => isSameFile(one.ref, ref))?.artifact;
      if (artifact === undefined)
        throw new UsageError("not-in-bundle", `"${shown(ref.url)}" is not in the bundle, which is all that is asked`, {
          hint: "Name projects that are in it, or leave --bundle out",
        });
      const taken = await takeMember(bundle, artifactMember(artifact), ref, privateFolder(), hooks);
      const sha256 = digestOfMember(artifact);
      // Where this digest is pinned, the gate says so; else nobody would notice.
      if (taken.digests.sha256 === sha256 || ref.pins?.some(({ hex }) => hex === sha256)) return taken;
      await taken.close();
      throw new ArtifactError(
        "bundle-contents-mismatch",
        `The bundle is not what its maker signed: "${artifactMember(artifact)}" has another SHA-256 than the manifest says`,
      );
    },
  };

  function refOf(artifact: BundledArtifact): ArtifactRef {
    const { url, source, ...said } = artifact.ref;
    const here = {
      url: new URL(`${place.href}/${artifactMember(artifact)}`),
      source: { kind: "find-links", url: place },
    } as const;
    // What nobody answers for is a file that lies around, of which nothing is promised.
    if (!isTrusted) return { filename: said.filename, digests: {}, provenance: "unknown", ...here };
    const pins = [{ algorithm: "sha256", hex: digestOfMember(artifact), by: "bundle" }] as const;
    return url === undefined || source.kind === "local" ? { ...said, pins, ...here } : { ...said, pins, url, source };
  }

  function digestOfMember(artifact: BundledArtifact): string {
    return bundle.manifest.members.get(artifactMember(artifact))?.sha256 ?? "";
  }
}

/** A path or URL of the user's may lead to another file of the same name. */
function isSameFile(one: ArtifactRef, other: ArtifactRef): boolean {
  return one.filename.text === other.filename.text && one.url.href === other.url.href;
}

/** Pieces in which members are copied, so that memory does not grow with them. */
const chunkLength = 1 << 20;

/** Copies a member into a private folder and hashes it on the way: what is judged must not change under us. */
async function takeMember(
  bundle: Bundle,
  name: string,
  ref: ArtifactRef,
  directory: string,
  hooks: DownloadHooks = {},
): Promise<Artifact> {
  const bytes = bundle.artifactBytes(name);
  const folder = await makeArtifactFolder(directory);
  const path = join(folder, ref.filename.text);
  const file = await writing(path, open(path, "wx+", 0o600));
  try {
    const digests = startDigests(ref);
    const arriving = growingFile(path, bytes.size);
    hooks.onArriving?.(arriving);
    for (let at = 0; at < bytes.size; at += chunkLength) {
      const chunk = bytes.read(at, Math.min(chunkLength, bytes.size - at));
      digests.update(chunk);
      await writing(path, file.writeFile(chunk));
      arriving.grow(chunk.length);
      release(chunk);
    }
    return heldOpen(ref, file, path, digests.finish(), bytes.size);
  } catch (error) {
    await file.close();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
