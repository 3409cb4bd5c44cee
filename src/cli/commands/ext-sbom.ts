import { arch } from "node:os";
import { resolve } from "node:path";
import { scanInstalled } from "../../environment/scan.ts";
import { markersFor, newestPython } from "../../environment/unstarted.ts";
import { messageOf, UsageError } from "../../errors.ts";
import { createSbom, type SbomOptions } from "../../sbom/bom.ts";
import type { InstalledDistribution } from "../../sbom/installed-distribution.ts";
import { parseVex, type VexStatement } from "../../sbom/vex.ts";
import { environmentsToRead } from "../audit/environments.ts";
import { withDetails } from "../audit/sbom-details.ts";
import type { ExtSbomOptions } from "../command-line/environment.ts";
import { exitCodes } from "../exit-code.ts";
import type { Host } from "../host.ts";
import { programDigest } from "../program-digest.ts";
import { bytesOf } from "../read-text.ts";
import { writeOut } from "../report/format.ts";
import { sourceDate } from "../source-date.ts";
import { createTalk } from "../terminal.ts";
import { version } from "../version.ts";

/** What the document is of. */
interface Subject
  extends Pick<SbomOptions, "markers" | "environment" | "lifecycle" | "isComplete" | "hasDependencies"> {
  readonly distributions: readonly InstalledDistribution[];
}

/** `tspip ext sbom`: the SBOM of environments, by their files, or of what is asked for in another way; nothing is run. */
export async function extSbom(words: readonly string[], options: ExtSbomOptions, host: Host): Promise<number> {
  const isAskedFor = words.length > 0 || options.requirement !== undefined || options.lock !== undefined;
  const vex = (await Promise.all((options.vex ?? []).map((file) => readVex(file, host)))).flat();
  const { distributions, ...subject } = await (isAskedFor
    ? requestSubject(words, options, host)
    : environmentSubject(options, host));
  const timestamp = sourceDate(host);
  const { specVersion, outputFormat } = options;
  const sbomOptions = {
    ...subject,
    toolVersion: version,
    toolDigest: programDigest(),
    specVersion,
    vex,
    ...(timestamp && { timestamp }),
  };
  const sbom = createSbom(distributions, { ...sbomOptions, outputFormat });
  if (options.validate === true) {
    const { validateSbom } = await import("../audit/sbom-validate.ts");
    // The XML is made of the same document.
    await validateSbom(outputFormat === "json" ? sbom : createSbom(distributions, sbomOptions), specVersion);
  }
  if (options.output === undefined) host.stdout.write(sbom);
  else await writeOut(resolve(host.cwd, options.output), sbom);
  return exitCodes.done;
}

async function environmentSubject(options: ExtSbomOptions, host: Host): Promise<Subject> {
  const talk = createTalk(options, host);
  const environments = await environmentsToRead(options, host, talk.warn);
  const [first] = environments;
  if (first === undefined) throw new RangeError("There is no environment");
  const { installed, unreadable } = await scanInstalled(
    environments.flatMap(({ sites }) => sites),
    undefined,
    options.files === true,
  );
  for (const { path, reason } of unreadable) talk.warn(`"${path}" cannot be read: ${reason}`);
  return {
    distributions: installed.map((each) => withDetails(each, options)),
    markers: first.markers,
    environment: environments.map(({ label }) => label).join(", "),
    isComplete: unreadable.length === 0,
  };
}

async function requestSubject(words: readonly string[], options: ExtSbomOptions, host: Host): Promise<Subject> {
  if (options.venv !== undefined || options.path !== undefined)
    throw new UsageError(
      "invalid-request",
      "An SBOM is of an environment, or of what is named in another way, not of both",
    );
  // What reads requests and lock files takes longer to load than an environment to be read.
  const { readRequest } = await import("../gate/request.ts");
  const { describedDistributions } = await import("../audit/sbom-sources.ts");
  const { plan } = await readRequest(words, options, host, { severalPerProject: true });
  const [environment] = options.python === undefined ? [] : await environmentsToRead(options, host, () => {});
  const distributions = await describedDistributions(plan, options, environment?.markers);
  const isOfWheels = plan.files.length > 0;
  const named = [...words, ...(options.requirement ?? []), ...(options.lock === undefined ? [] : [options.lock])];
  return {
    distributions,
    markers: environment?.markers ?? markersFor(newestPython, { platform: host.platform, arch: arch() }),
    environment: named.join(", "),
    lifecycle: isOfWheels ? "post-build" : "pre-build",
    hasDependencies:
      plan.requirements.length === 0 &&
      plan.locks.every(({ lock }) => lock.packages.some(({ requires }) => requires !== undefined)),
  };
}

async function readVex(file: string, host: Host): Promise<VexStatement[]> {
  try {
    return parseVex((await bytesOf(resolve(host.cwd, file), host)).toString("utf8"));
  } catch (error) {
    throw new UsageError("invalid-vex", `Cannot use the VEX document "${file}": ${messageOf(error)}`, {
      hint: "It is a CycloneDX or OpenVEX document in JSON",
    });
  }
}
