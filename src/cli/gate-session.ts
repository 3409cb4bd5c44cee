import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { EnvironmentError, messageOf } from "../errors.ts";
import { type AttestationSource, indexSource, pathSource, sidecarSource } from "../inspect/attestation-source.ts";
import { type GateRequest, type Judged, passGate, wantsAttestations } from "../inspect/gate.ts";
import type { DistInspector } from "../inspect/inspector.ts";
import { attestationInspector } from "../inspect/inspectors/attestation.ts";
import { indexDigestInspector } from "../inspect/inspectors/index-digest.ts";
import { userHashInspector } from "../inspect/inspectors/user-hash.ts";
import { wheelInspector } from "../inspect/inspectors/wheel.ts";
import type { IndexClient } from "../package-index/client.ts";
import type { PlannedArtifact } from "../plan/plan.ts";
import type { AttestationPlace } from "../policy/policy.ts";
import { parseTrustedRoot } from "../trust/trusted-root.ts";
import type { Host } from "./host.ts";
import { once } from "./once.ts";
import type { PolicyInForce } from "./policy-in-force.ts";
import type { GateOptions } from "./program.ts";
import type { Talk } from "./terminal.ts";
import { besidePolicy, trustedRootInForce } from "./trusted-root.ts";

/** The artifacts of one command, judged. Disposing closes their files and removes the private folder they lie in. */
export interface JudgedPlan extends AsyncDisposable {
  readonly judged: readonly Judged[];
}

/** What the gate of one command is composed of. */
export interface GateParts {
  readonly client: IndexClient;
  readonly policy: PolicyInForce;
  readonly options: Pick<GateOptions, "attestations" | "trustedRoot" | "explain" | "secondOpinion">;
  readonly talk: Talk;
  readonly host: Host;
}

/** Composes the gate for one command and passes the plan through it. */
export async function judgePlan(planned: readonly PlannedArtifact[], parts: GateParts): Promise<JudgedPlan> {
  const { client, policy, talk, host } = parts;
  const requests = planned.map(
    ({ ref, requested }) => ({ ref, relation: requested ? "direct" : "transitive" }) as const,
  );
  const attestations = await attestationsInspectorFor(requests, parts);
  await using wheels = wheelInspector(host.processors);
  const directory = await makePrivateFolder();
  const removeDirectory = () => rm(directory, { recursive: true, force: true });
  let count = 0;
  try {
    const judged = await passGate(requests, {
      client,
      directory,
      policy: policy.policy,
      now: host.now(),
      inspectors: [indexDigestInspector, userHashInspector, wheels, attestations],
      onJudged: ({ ref }) => talk.progress(`Judged ${++count} of ${planned.length}: ${ref.filename.text}`),
    });
    talk.progress("");
    return {
      judged,
      async [Symbol.asyncDispose]() {
        await Promise.all(judged.map(({ artifact }) => artifact?.close()));
        await removeDirectory();
      },
    };
  } catch (error) {
    await removeDirectory();
    throw error;
  }
}

async function attestationsInspectorFor(requests: readonly GateRequest[], parts: GateParts): Promise<DistInspector> {
  const { client, policy, options, host } = parts;
  const rootText = once(async () => (await trustedRootInForce(options.trustedRoot, policy, host)).text);
  const secondOpinion = once(async () =>
    (await import("../inspect/second-opinion.ts")).createSecondOpinion(await rootText()),
  );
  const requestOf = new Map(requests.map((request) => [request.ref, request]));
  return attestationInspector({
    sources: await attestationSources(options.attestations ?? [], policy, client, host),
    trustedRoot: once(async () => parseTrustedRoot(await rootText())),
    now: host.now(),
    explain: options.explain === true,
    secondOpinion: options.secondOpinion === true ? secondOpinion : undefined,
    isWanted: (ref) => wantsAttestations(policy.policy, requestOf.get(ref) ?? { ref, relation: "direct" }),
  });
}

/** `--attestations` first, then the places that the policy names; all are asked. */
async function attestationSources(
  given: readonly string[],
  policy: PolicyInForce,
  client: IndexClient,
  host: Host,
): Promise<AttestationSource[]> {
  const fromPolicy = (place: AttestationPlace): AttestationSource | Promise<AttestationSource> => {
    switch (place.kind) {
      case "index":
        return indexSource(client);
      case "sidecar":
        return sidecarSource;
      case "directory":
        return pathSource(besidePolicy(place.path, policy, host));
    }
  };
  return Promise.all([
    ...given.map((path) => pathSource(resolve(host.cwd, path))),
    ...policy.policy.trust.attestations.map(fromPolicy),
  ]);
}

async function makePrivateFolder(): Promise<string> {
  try {
    // mkdtemp makes it 0700.
    return await mkdtemp(join(tmpdir(), "tspip-"));
  } catch (error) {
    throw new EnvironmentError("cannot-write", `Cannot make a temporary folder: ${messageOf(error)}`, { cause: error });
  }
}
