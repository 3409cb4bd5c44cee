import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Artifact } from "../../distribution/artifact.ts";
import { UsageError } from "../../errors.ts";
import type { DocumentFile } from "../../inspect/document-source.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import { shown } from "../../package-index/url.ts";
import { sdistMetadata } from "../../publish/sdist-metadata.ts";
import { upload } from "../../publish/upload.ts";
import type { UploadDescription } from "../../publish/upload-form.ts";
import { wheelMetadata } from "../../publish/wheel-metadata.ts";
import type { PublishOptions } from "../command-line/artifacts.ts";
import { exitCodeOf, exitCodes } from "../exit-code.ts";
import { checkFilesAlone } from "../gate/files-alone.ts";
import type { GateRun } from "../gate/gate-run.ts";
import { openServer } from "../gate/index-client.ts";
import { onlyInterpreter } from "../gate/look-only.ts";
import { type JudgedRequest, prepareGate, runGate } from "../gate/run-gate.ts";
import type { Host } from "../host.ts";
import { bytesOf } from "../read-text.ts";
import { counted } from "../render/words.ts";
import { writeReport } from "../report/format.ts";
import { gateReport } from "../report/judge-report.ts";
import { identitySource } from "../settings/ci-identity.ts";
import { publishAuthorization } from "../settings/publish-credentials.ts";
import { withPublishPolicy } from "../settings/publish-policy.ts";
import { attestFiles, isAttested } from "../signing/attest-files.ts";

/** `tspip publish`: files pass the gate as users would have them judged; then they are uploaded, or none is. */
export async function publish(files: readonly string[], options: PublishOptions, host: Host): Promise<number> {
  const repository = readRepository(options.repositoryUrl);
  const gateOptions = { ...options, deps: false, index: false };
  const prepared = await prepareGate(files, gateOptions, host, { severalPerProject: true });
  checkFilesAlone(prepared, "publish");
  if (options.attest) await attestFirst(prepared, options, host);
  const run = { ...withPublishPolicy(prepared), keepDocuments: true };
  await using result = await runGate(run, onlyInterpreter(run, gateOptions, host));
  const report = gateReport("publish", result, run.policy);
  await writeReport(report, run.destinations, options.color, host);
  if (report.outcome !== "allowed") return exitCodeOf(report.outcome);

  const artifacts = result.judged.flatMap(({ artifact }) => artifact ?? []);
  const described = await Promise.all(result.judged.flatMap((judged) => describe(judged, result, host)));
  if (options.dryRun === true) {
    run.talk.info(`Uploaded nothing: this was a dry run, and the files would go to ${shown(repository)}`);
    return exitCodes.done;
  }
  const authorization = await publishAuthorization(repository, options, run, host);
  const { policy } = run.policy;
  await using server = await openServer(repository, options, host, { authorization, policy });
  for (const [at, artifact] of artifacts.entries()) {
    const description = described[at];
    if (description !== undefined) await uploadOne(description, artifact, repository, { run, options, server });
  }
  return exitCodes.done;
}

/**
 * What is in order and has no attestation gets one from a CI job that is to upload by its identity: the policy may ask for
 * it. PyPI takes attestations with no other token.
 */
async function attestFirst(prepared: GateRun, options: PublishOptions, host: Host): Promise<void> {
  if (options.dryRun === true || host.env.TSPIP_PUBLISH_TOKEN) return;
  const token = await identitySource(options, host)?.("sigstore");
  if (token === undefined) return;
  const run = withPublishPolicy(prepared, { evenIfNamed: true });
  await using result = await runGate(run, onlyInterpreter(run, prepared.options, host));
  // What is wrong with them is said by the gate that follows.
  if (gateReport("publish", result, run.policy).outcome !== "allowed") return;
  const artifacts = result.judged.flatMap(({ artifact }) => artifact ?? []).filter((each) => !isAttested(each));
  if (artifacts.length === 0) return;
  await attestFiles(artifacts, token, options, { ...run, policy: prepared.policy });
}

function readRepository(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new UsageError("invalid-setting", `"${text}" is not the URL of an index to upload to`);
}

/** Everything but the bytes, from the very bytes that were judged. */
function describe(
  { artifact, verdict }: Judged,
  { vouching }: Pick<JudgedRequest, "vouching">,
  host: Host,
): Promise<UploadDescription>[] {
  if (artifact === undefined) return [];
  const isLookedAt = verdict.evidence.some(({ kind }) => kind === "attestation");
  return [describeArtifact(artifact, isLookedAt ? vouching(artifact.ref) : undefined, host)];
}

async function describeArtifact(
  { ref, bytes, digests }: Artifact,
  verified: readonly DocumentFile[] | undefined,
  host: Host,
): Promise<UploadDescription> {
  const { filename } = ref;
  const metadata =
    filename.kind === "wheel"
      ? wheelMetadata(bytes, filename)
      : sdistMetadata(bytes.read(0, bytes.size), filename.text);
  const attestations = await attestationsBeside(fileURLToPath(ref.url), verified, host);
  return { filename, metadata, sha256: digests.sha256, attestations };
}

/**
 * PyPI takes one attestation of each kind.
 * @param verified what lay there when it was judged; undefined where the policy has no use for attestations
 */
async function attestationsBeside(
  path: string,
  verified: readonly DocumentFile[] | undefined,
  host: Host,
): Promise<string[]> {
  const texts = [".publish.attestation", ".slsa.attestation"].map(async (suffix) => {
    if (verified === undefined)
      return existsSync(path + suffix) ? (await bytesOf(path + suffix, host)).toString("utf8") : undefined;
    const document = verified.find(({ place }) => place === path + suffix);
    return document && Buffer.from(document.bytes).toString("utf8");
  });
  return (await Promise.all(texts)).flatMap((text) => text ?? []);
}

interface UploadParts {
  readonly run: GateRun;
  readonly options: PublishOptions;
  readonly server: Awaited<ReturnType<typeof openServer>>;
}

async function uploadOne(
  description: UploadDescription,
  { bytes }: Artifact,
  repository: URL,
  { run: { talk }, options, server }: UploadParts,
): Promise<void> {
  const { text } = description.filename;
  talk.progress(`Uploading ${text}`);
  const outcome = await upload(description, bytes, repository, server.transport);
  talk.progress("");
  if (outcome === "uploaded") {
    const attested = counted(description.attestations.length, "attestation");
    talk.info(`Uploaded ${text} with ${attested} to ${shown(repository)}`);
    return;
  }
  if (options.skipExisting !== true)
    throw new UsageError("file-exists", `${shown(repository)} has "${text}" already, and files are never replaced`, {
      hint: "Publish under a new version, or pass over such files with --skip-existing",
    });
  talk.info(`Skipped ${text}: ${shown(repository)} has it already`);
}
