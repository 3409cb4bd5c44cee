import type { Judged } from "../inspect/gate.ts";
import { makePlan, type PlannedArtifact, type PlanTarget } from "../plan/plan.ts";
import { type Destination, parseFormats } from "./format.ts";
import { judgePlan } from "./gate-session.ts";
import type { Host } from "./host.ts";
import { openIndexClient } from "./index-client.ts";
import { type PolicyInForce, policyInForce } from "./policy-in-force.ts";
import type { GateOptions } from "./program.ts";
import { readRequest, type UserRequest } from "./request.ts";
import { createTalk, type Talk } from "./terminal.ts";

/** What a command with a gate knows before it asks anybody: its own mistakes show first. */
export interface GateRun {
  readonly options: GateOptions;
  readonly destinations: readonly Destination[];
  readonly policy: PolicyInForce;
  readonly request: UserRequest;
  readonly talk: Talk;
  readonly host: Host;
}

/**
 * Reads everything that the user gave: options, policy, requirements.
 * @param severalPerProject see PlanRequest
 * @throws UsageError, PolicyFileError before any network access
 */
export async function prepareGate(
  words: readonly string[],
  options: GateOptions,
  host: Host,
  severalPerProject = false,
): Promise<GateRun> {
  const destinations = parseFormats(options.format ?? []);
  const policy = await policyInForce(options.policy, host);
  const request = await readRequest(words, options, host, severalPerProject);
  return { options, destinations, policy, request, talk: createTalk(options, host), host };
}

/** A plan and its verdicts. Disposing closes connections and files. */
export interface JudgedRequest extends AsyncDisposable {
  readonly planned: readonly PlannedArtifact[];
  readonly judged: readonly Judged[];
}

/** Plans the request and passes it through the gate. @throws UsageError, IndexError */
export async function runGate(run: GateRun, askTarget: () => Promise<PlanTarget>): Promise<JudgedRequest> {
  const { options, policy, request, talk, host } = run;
  const { client, transport } = await openIndexClient(options, request.indexOptions, talk, host);
  try {
    talk.progress("Asking the index");
    const planned = await makePlan(request.plan, askTarget, client);
    const plan = await judgePlan(planned, { client, policy, options, talk, host });
    return {
      planned,
      judged: plan.judged,
      async [Symbol.asyncDispose]() {
        await plan[Symbol.asyncDispose]();
        await transport[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await transport[Symbol.asyncDispose]();
    throw error;
  } finally {
    talk.progress("");
  }
}
