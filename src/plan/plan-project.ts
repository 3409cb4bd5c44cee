import type { ArtifactRef } from "../distribution/artifact.ts";
import { pinnedVersion, satisfies } from "../distribution/specifier.ts";
import { parseVersion } from "../distribution/version.ts";
import { UsageError } from "../errors.ts";
import { attestedBefore } from "../package-index/attested-before.ts";
import type { IndexClient } from "../package-index/client.ts";
import type { ProjectPage } from "../package-index/page.ts";
import { shown } from "../package-index/url.ts";
import { agreedPins, checkAgreement } from "./agreement.ts";
import { directRef } from "./direct.ts";
import type { PlanRequest, RequestedRequirement } from "./plan-request.ts";
import type { PlannedArtifact } from "./planned-artifact.ts";
import { offeredVersions, type PlanTarget, selectArtifact } from "./select.ts";
import { filesOfVersion } from "./wanted-files.ts";

/** All requirements on one project together: one of them pins, the others must agree. */
export async function planProject(
  group: readonly RequestedRequirement[],
  constraints: readonly RequestedRequirement[],
  { requireHashes }: PlanRequest,
  target: PlanTarget,
  client: Pick<IndexClient, "files" | "wantedFiles">,
): Promise<PlannedArtifact> {
  const [first] = group;
  if (first === undefined) throw new RangeError("A group of requirements is never empty");
  const { name } = first.requirement;
  const narrowing = [...group, ...constraints.filter(({ requirement }) => requirement.name === name)];
  const direct = agreedUrl(narrowing);
  const about = {
    extras: [...new Set(group.flatMap(({ requirement }) => requirement.extras))],
    place: direct?.place ?? first.place,
    requested: group.some(({ isDependency }) => isDependency !== true),
  };
  if (direct !== undefined) {
    const { ref, place } = direct;
    checkAgreement(narrowing, ref.filename.version, { text: ref.filename.text, place });
    if (requireHashes && ref.pins?.length === 0) throw hashMissing(ref.filename.text, place);
    return { ...about, ref };
  }
  const pins = agreedPins(
    narrowing.map((requested) => requested.pins),
    name,
  );
  if (requireHashes && pins.length === 0) throw hashMissing(first.requirement.text, first.place);

  const version = agreedVersion(first, narrowing);
  const pages = await client.wantedFiles(name, filesOfVersion(version.specifiers));
  const files = pages.flatMap((page) => page.files);
  const ofVersion = files.filter(({ filename }) => satisfies(version.specifiers, filename.version));
  const selection = selectArtifact(ofVersion, target, pins);
  if (selection.outcome === "none") {
    const offered = (await client.files(name)).flatMap((page) => page.files);
    throw quarantined(first, pages) ?? noFile(first, selection.reasons, offered);
  }
  const attested = attestedBefore(selection.ref, files);
  const known = { ...(pins.length > 0 && { pins }), ...(attested !== undefined && { attestedBefore: attested }) };
  return { ...about, ref: { ...selection.ref, ...known } };
}

export function hashMissing(what: string, place: string): UsageError {
  return new UsageError("hash-missing", `${place}: "${what}" has no --hash, and --require-hashes asks for one`, {
    hint: 'Add "--hash=sha256:…" to the requirement',
  });
}

/** The one version all requirements on a project allow. */
function agreedVersion(first: RequestedRequirement, narrowing: readonly RequestedRequirement[]) {
  const pinning = narrowing.find(({ requirement }) => pinnedVersion(requirement.specifiers) !== undefined);
  const pinned = pinning && pinnedVersion(pinning.requirement.specifiers);
  if (pinning === undefined || pinned === undefined) {
    throw new UsageError("not-pinned", `${first.place}: "${first.requirement.text}" is not pinned to one version`, {
      hint: `Write "${first.requirement.name}==VERSION": tspip installs exactly what it is told to`,
    });
  }
  checkAgreement(narrowing, parseVersion(pinned), { text: pinning.requirement.text, place: pinning.place });
  return pinning.requirement;
}

/** The one file that is named by URL, with all that is pinned of it; nothing where none is. */
function agreedUrl(narrowing: readonly RequestedRequirement[]): Pick<PlannedArtifact, "ref" | "place"> | undefined {
  const named = narrowing
    .filter(({ requirement }) => requirement.url !== undefined)
    .map((requested) => ({ ref: directRef(requested, requested.pins), place: requested.place }));
  const [first] = named;
  if (first === undefined) return undefined;
  const { filename, url } = first.ref;
  const other = named.find(({ ref }) => ref.url.href !== url.href);
  if (other !== undefined) {
    throw new UsageError(
      "requirements-conflict",
      `${other.place}: "${shown(other.ref.url)}" contradicts "${shown(url)}" (${first.place})`,
    );
  }
  const elsewhere = narrowing.filter(({ requirement }) => requirement.url === undefined);
  const pins = agreedPins(
    [...named.map(({ ref }) => ref.pins ?? []), ...elsewhere.map(({ pins }) => pins)],
    filename.name,
  );
  return { ...first, ref: { ...first.ref, pins } };
}

function quarantined(
  { requirement, place }: RequestedRequirement,
  pages: readonly ProjectPage[],
): UsageError | undefined {
  const marked = pages.find(({ projectStatus }) => projectStatus?.status === "quarantined")?.projectStatus;
  if (marked === undefined) return undefined;
  const why = marked.reason ? `: ${marked.reason}` : "";
  return new UsageError("project-quarantined", `${place}: the index has quarantined "${requirement.name}"${why}`, {
    hint: "The index has withdrawn it while somebody investigates: do without it, and check what you have already installed of it",
  });
}

function noFile(
  { requirement, place }: RequestedRequirement,
  reasons: readonly string[],
  files: readonly ArtifactRef[],
): UsageError {
  if (reasons.length > 0) {
    return new UsageError(
      "no-compatible-file",
      `${place}: no file of "${requirement.text}" fits the interpreter\n  ${reasons.join("\n  ")}`,
      {
        hint: "Pin a version with a wheel for this interpreter, or choose another interpreter with --python",
      },
    );
  }
  const offered = offeredVersions(files).slice(0, 8);
  if (offered.length > 0) {
    return new UsageError("no-such-version", `${place}: the index has no file for "${requirement.text}"`, {
      hint: `Newest versions there: ${offered.join(", ")}`,
    });
  }
  return new UsageError("no-such-project", `${place}: no index has a file of the project "${requirement.name}"`, {
    hint: "Check the name, or name the index with --index-url or --find-links",
  });
}
