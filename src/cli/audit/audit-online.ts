import { join } from "node:path";
import type { Facts } from "../../audit/facts.ts";
import { installedArchive } from "../../audit/installed-archive.ts";
import type { ArtifactRef } from "../../distribution/artifact.ts";
import { isVersion, parseVersion } from "../../distribution/version.ts";
import { compareText } from "../../encoding/compare-text.ts";
import type { Installed } from "../../environment/installed.ts";
import { ArtifactError, IndexError, messageOf } from "../../errors.ts";
import type { Judged } from "../../inspect/gate-request.ts";
import type { IndexClient } from "../../package-index/client.ts";
import { signerFields } from "../../trust/signer-fields.ts";
import type { AttestationEvidence } from "../../verdict/evidence.ts";
import { type Finding, finding } from "../../verdict/finding.ts";
import type { AuditOptions } from "../command-line/environment.ts";
import { openGate } from "../gate/gate-session.ts";
import { openIndexClient } from "../gate/index-client.ts";
import type { Host } from "../host.ts";
import type { PolicyInForce } from "../settings/policy-in-force.ts";
import type { Talk } from "../terminal.ts";
import { judgeArtifact, type Recovery, recoverArtifact } from "./recover-artifact.ts";

/** What the index has to say of one installed distribution. */
export interface OnlineAnswer {
  readonly findings: readonly Finding[];
  /** The verdict over the artifact that it was installed from, where one was found. */
  readonly judged?: Judged;
}

/**
 * Asks the index for the artifact of each distribution, and what has become of it: withdrawn, replaced, provenance lost or
 * changed. Where nobody wrote down which artifact it was, it is looked for among those of the version. What came from elsewhere by a
 * URL is left out.
 */
export async function askIndex(
  facts: Facts,
  policy: PolicyInForce,
  options: AuditOptions,
  talk: Talk,
  host: Host,
): Promise<ReadonlyMap<Installed, OnlineAnswer>> {
  await using rim = new AsyncDisposableStack();
  const { client, transport } = await openIndexClient(options, [], talk, host);
  rim.use(transport);
  const gate = rim.use(await openGate({ client, transport, policy, options, talk, host, everySigner: true }));
  const asked = facts.installed.filter(({ directUrl, receipt }) => {
    return directUrl === undefined && receipt?.artifact.url.startsWith("file:") !== true;
  });
  const answers = await Promise.all(
    asked.map(async (installed): Promise<[Installed, OnlineAnswer]> => {
      try {
        return [installed, await askAbout(installed, { client, transport, gate, facts, deep: options.deep === true })];
      } catch (error) {
        if (!(error instanceof IndexError || error instanceof ArtifactError)) throw error;
        const message = `The index could not be asked about "${installed.name}" ${installed.version}: ${messageOf(error)}`;
        return [installed, { findings: [finding("evidence-unavailable", message, "warning")] }];
      }
    }),
  );
  return new Map(answers);
}

interface Asking extends Recovery {
  readonly client: IndexClient;
  readonly facts: Facts;
}

async function askAbout(installed: Installed, asking: Asking): Promise<OnlineAnswer> {
  const { name, version } = installed;
  const archive = installedArchive(installed);
  const called = `"${name}" ${version}`;
  if (!isVersion(version)) return { findings: [] };
  const status = await projectStatus(installed, asking.client);
  const files = await asking.client.release(name, parseVersion(version));
  const refs =
    archive?.filename === undefined ? candidates(installed, files, asking.facts) : named(archive.filename, files);
  const [ref] = refs;
  if (ref === undefined) {
    const what = archive?.filename === undefined ? "no wheel with its tags" : `"${archive.filename}" no more`;
    return { findings: [...status, finding("artifact-gone", `${called}: the index has ${what}`, "warning")] };
  }
  const found = archive === undefined || asking.deep ? await recoverArtifact(installed, refs, asking) : undefined;
  const chosen = found?.ref ?? ref;
  const judged = found?.judged ?? (await judgeArtifact(installed, chosen, asking.gate, true));
  return {
    judged,
    findings: [
      ...status,
      ...withdrawn(chosen, called),
      ...replaced(installed, chosen),
      ...provenance(installed, judged),
      // What was written down need not be found out.
      ...(found?.findings ?? []).filter(({ id }) => archive === undefined || id !== "artifact-recovered"),
    ],
  };
}

async function projectStatus({ name }: Installed, client: IndexClient): Promise<Finding[]> {
  const marks = (await client.files(name)).flatMap((page) => page.projectStatus ?? []);
  const quarantined = marks.find(({ status }) => status === "quarantined");
  if (quarantined === undefined) return [];
  const reason = quarantined.reason === undefined ? "" : `: ${quarantined.reason}`;
  return [finding("project-quarantined", `The index has quarantined "${name}"${reason}`)];
}

function named(filename: string, files: readonly ArtifactRef[]): ArtifactRef[] {
  return files.filter((file) => file.filename.text === filename);
}

/** Wheels with the tags that WHEEL has: they say for what it was built (PEP 425). */
function candidates({ site, distInfo }: Installed, files: readonly ArtifactRef[], { texts }: Facts): ArtifactRef[] {
  const wheel = texts.get(join(site, distInfo, "WHEEL")) ?? "";
  const tags = new Set([...wheel.matchAll(/^Tag: *([\w.-]+)/gm)].map(([, tag = ""]) => tag));
  return files.filter(
    ({ filename }) => filename.kind === "wheel" && new Set(filename.tags).symmetricDifference(tags).size === 0,
  );
}

function withdrawn({ yanked }: ArtifactRef, called: string): Finding[] {
  if (yanked === undefined) return [];
  return [finding("yanked", `${called} has been yanked${yanked === "" ? "" : `: ${yanked}`}`, "warning")];
}

/** An index that keeps its promises never has other bytes under a name. */
function replaced(installed: Installed, { digests, filename }: ArtifactRef): Finding[] {
  const [then, now] = [installedArchive(installed)?.sha256, digests.sha256];
  if (then === undefined || now === undefined || then === now) return [];
  const message = `The index promises sha256 ${now} for "${filename.text}"; what was installed had ${then}`;
  return [finding("artifact-replaced", message)];
}

/** Who vouches now, against who did when it was installed. */
function provenance({ name, version, receipt }: Installed, { verdict }: Judged): Finding[] {
  const before = new Set((receipt?.attestations ?? []).map(({ signer }) => JSON.stringify(sorted(signer))));
  if (before.size === 0) return [];
  const seen = verdict.evidence.filter((each): each is AttestationEvidence => each.kind === "attestation");
  const verified = seen.flatMap((each) => (each.outcome === "verified" ? [signerFields(each.signer)] : []));
  const now = new Set(verified.map((signer) => JSON.stringify(sorted(signer))));
  const called = `"${name}" ${version}`;
  if (now.size === 0 && seen.some(({ outcome }) => outcome === "unavailable")) return [];
  if (now.size === 0)
    return [finding("provenance-lost", `${called} was attested when it was installed, and is not any more`)];
  if (before.symmetricDifference(now).size === 0) return [];
  return [finding("provenance-changed", `${called} is attested by others than when it was installed`)];
}

function sorted(signer: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(signer).sort(([a], [b]) => compareText(a, b));
}
