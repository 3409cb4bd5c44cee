import type { ArtifactRef } from "../distribution/artifact.ts";
import { releaseSeries } from "../distribution/release-series.ts";
import { compareVersions } from "../distribution/version.ts";

/**
 * The newest release before that of `ref` of which the index has provenance: in the same series; where that has no earlier
 * release, in all. The links are unsigned, but whoever took over an account cannot take back those of earlier releases.
 */
export function attestedBefore(ref: ArtifactRef, files: readonly ArtifactRef[]): string | undefined {
  const { version } = ref.filename;
  const earlier = files.filter(({ filename }) => compareVersions(filename.version, version) < 0);
  const series = earlier.filter(({ filename }) => releaseSeries(filename.version) === releaseSeries(version));
  const [newest] = (series.length > 0 ? series : earlier)
    .filter(({ provenance }) => provenance instanceof URL)
    .sort((a, b) => compareVersions(b.filename.version, a.filename.version));
  return newest?.filename.version.text;
}

/**
 * The same of a file that lies beside the index: the index's own files of that release count too, as whoever made another
 * could have taken theirs.
 */
export function attestedOnIndex(ref: ArtifactRef, files: readonly ArtifactRef[]): string | undefined {
  const { version } = ref.filename;
  const same = files.find(
    ({ filename, provenance }) => provenance instanceof URL && compareVersions(filename.version, version) === 0,
  );
  return same?.filename.version.text ?? attestedBefore(ref, files);
}
