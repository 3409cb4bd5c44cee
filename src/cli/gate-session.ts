import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { EnvironmentError, messageOf } from "../errors.ts";
import { type AttestationSource, indexSource, pathSource, sidecarSource } from "../inspect/attestation-source.ts";
import { type Judged, passGate, wantsAttestations } from "../inspect/gate.ts";
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

/** Composes the gate for one command and passes the plan through it. */
export async function judgePlan(
  planned: readonly PlannedArtifact[],
  {
    client,
    policy,
    options,
    talk,
    host,
  }: {
    readonly client: IndexClient;
    readonly policy: PolicyInForce;
    readonly options: Pick<GateOptions, "attestations" | "trustedRoot" | "explain" | "secondOpinion">;
    readonly talk: Talk;
    readonly host: Host;
  },
): Promise<JudgedPlan> {
  const sources = await attestationSources(options.attestations ?? [], policy, client, host);
  const trustedRootText = once(async () => (await trustedRootInForce(options.trustedRoot, policy, host)).text);
  const trustedRoot = once(async () => parseTrustedRoot(await trustedRootText()));
  const secondOpinion = once(async () =>
    (await import("../inspect/second-opinion.ts")).createSecondOpinion(await trustedRootText()),
  );
  const directory = await makePrivateFolder();
  const requests = planned.map(
    ({ ref, requested }) => ({ ref, relation: requested ? "direct" : "transitive" }) as const,
  );
  const relations = new Map(requests.map(({ ref, relation }) => [ref, relation]));

  const now = host.now();
  await using wheels = wheelInspector(host.processors);
  let count = 0;
  const judged = await passGate(requests, {
    client,
    directory,
    policy: policy.policy,
    now,
    inspectors: [
      indexDigestInspector,
      userHashInspector,
      wheels,
      attestationInspector({
        sources,
        trustedRoot,
        now,
        explain: options.explain === true,
        secondOpinion: options.secondOpinion === true ? secondOpinion : undefined,
        isWanted: (ref) => wantsAttestations(policy.policy, { ref, relation: relations.get(ref) ?? "direct" }),
      }),
    ],
    onJudged: ({ ref }) => talk.progress(`Judged ${++count} of ${planned.length}: ${ref.filename.text}`),
  });
  talk.progress("");
  return {
    judged,
    async [Symbol.asyncDispose]() {
      await Promise.all(judged.map(({ artifact }) => artifact?.close()));
      await rm(directory, { recursive: true, force: true });
    },
  };
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
