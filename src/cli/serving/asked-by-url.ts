import type { Artifact } from "../../distribution/artifact.ts";
import { digestOf } from "../../distribution/digest.ts";
import type { InspectionStore } from "../../inspect/inspection-memory.ts";
import { metadataIn } from "../../proxy/core-metadata.ts";
import { urlDependencies } from "../../wheel/url-dependencies.ts";
import { version } from "../version.ts";

/** What a wheel asks for by URL, as its own METADATA says. @throws ArtifactError */
export type AskedByUrl = (artifact: Artifact) => Promise<readonly string[]>;

export const askedByUrl: AskedByUrl = async (artifact) => urlDependencies(await metadataIn(artifact));

/** The same, remembered by name and digest: to open an archive takes longer than to hash it. */
export function rememberAskedByUrl(store: InspectionStore): AskedByUrl {
  return async (artifact) => {
    const facts = ["asked-by-url/1", version, artifact.ref.filename.text, artifact.digests.sha256];
    const key = digestOf(Buffer.from(JSON.stringify(facts)));
    const known = parsed(await store.get(key));
    if (known !== undefined) return known;
    const asked = await askedByUrl(artifact);
    await store.set(key, JSON.stringify(asked));
    return asked;
  };
}

/** What is broken is a miss. */
function parsed(text: string | undefined): readonly string[] | undefined {
  try {
    const asked: unknown = text && JSON.parse(text);
    return Array.isArray(asked) && asked.every((each) => typeof each === "string") ? asked : undefined;
  } catch {
    return undefined;
  }
}
