import type { ArtifactRef } from "../../distribution/artifact.ts";
import { compareVersions } from "../../distribution/version.ts";
import type { ReleaseProvenance } from "../../inspect/release-provenance.ts";
import { unseenRefusals } from "../../inspect/unseen-refusals.ts";
import type { IndexClient } from "../../package-index/client.ts";
import type { Policy } from "../../policy/policy.ts";

/** What its source says of the release that an artifact belongs to. */
export interface ListedRelease {
  /** All files of the release, as its source lists them, without what the policy refuses unseen. */
  release(ref: ArtifactRef): Promise<readonly ArtifactRef[]>;
  /** How the release is attested, as its index says; nothing where no index says so. */
  provenance(ref: ArtifactRef): Promise<ReleaseProvenance | undefined>;
}

/** @param isWhole whether `client` lists all files of a release: a bundle has those alone that somebody asked for */
export function listedRelease(client: IndexClient, policy: Policy, now: Date, isWhole: boolean): ListedRelease {
  return {
    async release({ filename: { name, version }, source }) {
      if (source.kind === "direct") return [];
      const refusal = unseenRefusals(policy, now);
      const files = (await client.files(name)).flatMap((page) => page.files);
      return files.filter(
        (file) =>
          compareVersions(file.filename.version, version) === 0 &&
          file.source.kind === source.kind &&
          file.source.url.href === source.url.href &&
          refusal({ ref: file, relation: "direct" }) === undefined,
      );
    },
    async provenance(ref) {
      const { source, filename } = ref;
      if (source.kind !== "index" || !isWhole) return undefined;
      const { releaseProvenance } = await import("../../inspect/release-provenance.ts");
      const files = (await client.files(filename.name, source.url)).flatMap((page) => page.files);
      return releaseProvenance(ref, files, client);
    },
  };
}
